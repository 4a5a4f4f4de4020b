// Package bench measures how fast a server is on this machine, beside raw ceilings
// that are measured in the same run.
//
// Each benchmark is a function, such as [Live], that returns a [Report], in files of
// its own.
package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// Row is one figure, beside the ceiling that was measured in the same run.
type Row struct {
	What    string  `json:"what"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Ceiling float64 `json:"ceiling,omitempty"` // 0 where there is none
	Note    string  `json:"note,omitempty"`
}

// Report is what a benchmark found.
type Report struct {
	Name string `json:"name"`
	Rows []Row  `json:"rows"`
}

func (r *Report) add(rows ...Row) { r.Rows = append(r.Rows, rows...) }

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}

// Table writes the report for people.
func (r *Report) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "what\tvalue\tunit\traw ceiling\tratio\tnote\t")
	for _, x := range r.Rows {
		ceiling, ratio := "", ""
		if x.Ceiling > 0 {
			ceiling, ratio = figure(x.Ceiling), fmt.Sprintf("%.2f", x.Value/x.Ceiling)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t\n", x.What, figure(x.Value), x.Unit, ceiling, ratio, x.Note)
	}
	return t.Flush()
}

func figure(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}
