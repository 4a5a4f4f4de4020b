package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Reading a ratio twice on one machine gives figures that differ by about a quarter.
const least, most = 0.75, 1 / 0.75

// Accepted reads the reports of an earlier run, as [Report.JSON] wrote them one after the
// other.
func Accepted(r io.Reader) (list []Report, err error) {
	for d := json.NewDecoder(r); ; {
		var one Report
		if err := d.Decode(&one); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the accepted reports: %w", err)
		}
		list = append(list, one)
	}
}

// Compare writes how the ratios of a report stand to those of the accepted one of its name,
// and marks what moved by more than noise. Figures without a ceiling are left out: they are
// of a machine and an hour.
func Compare(w io.Writer, accepted []Report, now Report) error {
	before := map[string]Row{}
	for _, r := range accepted {
		for _, x := range r.Rows {
			if r.Name == now.Name && x.Ceiling > 0 {
				before[x.What] = x
			}
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "what\taccepted\tnow\tchange\t\t")
	for _, x := range now.Rows {
		if x.Ceiling <= 0 {
			continue
		}
		was, known := before[x.What]
		delete(before, x.What)
		if !known {
			fmt.Fprintf(t, "%s\t\t%.2f\t\tnew\t\n", x.What, x.ratio())
			continue
		}
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t×%.2f\t%s\t\n", x.What, was.ratio(), x.ratio(), x.ratio()/was.ratio(), x.moved(was))
	}
	for _, r := range accepted {
		for _, x := range r.Rows {
			if _, gone := before[x.What]; gone && r.Name == now.Name {
				fmt.Fprintf(t, "%s\t%.2f\t\t\tnot measured\t\n", x.What, x.ratio())
			}
		}
	}
	return t.Flush()
}

func (x Row) ratio() float64 { return x.Value / x.Ceiling }

// moved names a change of a ratio that is more than noise.
func (x Row) moved(was Row) string {
	change := x.ratio() / was.ratio()
	if !strings.HasSuffix(x.Unit, "/s") {
		change = 1 / change // of times and costs, less is better
	}
	switch {
	case change < least:
		return "worse"
	case change > most:
		return "better"
	}
	return ""
}
