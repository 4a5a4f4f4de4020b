package feeds

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/summit-timeline/summit/events"
)

// columns never change their order; new ones are added at the end.
func columns() []string {
	return []string{
		"fact", "seq", "position", "recorded", "type", "entity", "headline", "standing", "revision",
		"time", "earliest", "latest", "phase", "approximate", "when_text", "zone", "after",
		"place", "icao", "lat", "lon", "attribution", "roots", "grade", "desk", "last_amended", "notices", "data",
		"lang", "name", "kind", "from", "to", "aboard",
	}
}

var formatCSV = Format{
	Ending: "csv", Media: "text/csv; charset=utf-8; header=present", Saved: true, Write: writeCSV,
	Doc: "RFC 4180. A text that a spreadsheet could take for a formula begins with an apostrophe. The columns headline, attribution and notices follow `lang`; all others are the same in every language.",
}

// writeCSV writes one row a fact (RFC 4180), every cell in quotes.
func writeCSV(w io.Writer, f Feed) error {
	if f.BOM {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return fmt.Errorf("write the mark of the encoding: %w", err)
		}
	}
	if err := writeRow(w, columns()); err != nil {
		return fmt.Errorf("write the header: %w", err)
	}
	for it, err := range decoded(f.Items) {
		if err != nil {
			return err
		}
		if err := writeRow(w, f.row(it)); err != nil {
			return fmt.Errorf("write a row: %w", err)
		}
	}
	return nil
}

// inQuotes doubles the quotes of a cell, and ends its lines as RFC 4180 does.
var inQuotes = strings.NewReplacer(`"`, `""`, "\n", "\r\n")

func writeRow(w io.Writer, cells []string) error {
	b := make([]byte, 0, 1024)
	for n, c := range cells {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, inQuotes.Replace(c)...)
		b = append(b, '"')
	}
	_, err := w.Write(append(b, '\r', '\n'))
	return err
}

func (f Feed) row(it item) []string {
	when, where, grade, amended := events.Moment{}, events.Place{}, "", ""
	if it.When != nil {
		when = *it.When
	}
	if it.Where != nil {
		where = *it.Where
	}
	if it.Grade != nil {
		grade = *it.Grade
	}
	best := when.Best
	if it.Time != nil {
		best = *it.Time
	}
	var notices []string
	for _, a := range it.standing() {
		notices = append(notices, f.notice(a))
	}
	if len(it.Amendments) > 0 {
		amended = events.Instant{Time: it.updated()}.String()
	}
	s := it.subject()
	return []string{
		cell(it.Fact), strconv.FormatUint(it.Seq, 10), cell(it.Position), it.Recorded.String(), cell(it.Type), cell(it.Entity), cell(it.Headline), cell(it.Standing),
		strconv.Itoa(it.Revision), best.String(), when.Earliest.String(), when.Latest.String(), cell(when.Phase), strconv.FormatBool(when.Approximate),
		cell(when.Text), cell(when.Zone), cell(when.After), cell(where.Name), cell(where.ICAO), degrees(where.Lat), degrees(where.Lon),
		cell(it.Attribution), strconv.Itoa(it.Roots), cell(grade), cell(it.Desk), amended, cell(strings.Join(notices, "\n")), jsonCell(it.Data),
		cell(it.sentences().Lang), cell(s.name()), cell(s.Kind), cell(s.From.Title()), cell(s.To.Title()), cell(strings.Join(s.Aboard, " ")),
	}
}

func degrees(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}
