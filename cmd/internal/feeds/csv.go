package feeds

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/summit-timeline/summit/events"
)

// columns are stable: new ones come after the last.
func columns() []string {
	return []string{
		"fact", "seq", "position", "recorded", "type", "entity", "headline", "standing", "revision",
		"time", "earliest", "latest", "phase", "approximate", "when_text", "zone", "after",
		"place", "icao", "lat", "lon", "attribution", "roots", "grade", "desk", "last_amended", "notices", "data",
	}
}

// writeCSV writes one row a fact (RFC 4180).
func writeCSV(w io.Writer, f Feed) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(columns()); err != nil {
		return fmt.Errorf("write the header: %w", err)
	}
	for it, err := range decoded(f.Items) {
		if err != nil {
			return err
		}
		if err := out.Write(f.row(it)); err != nil {
			return fmt.Errorf("write a row: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the rows: %w", err)
	}
	return nil
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
	return []string{
		it.Fact, strconv.FormatUint(it.Seq, 10), it.Position, it.Recorded.String(), it.Type, it.Entity, cell(it.Headline), it.Standing,
		strconv.Itoa(it.Revision), best.String(), when.Earliest.String(), when.Latest.String(), when.Phase, strconv.FormatBool(when.Approximate),
		cell(when.Text), when.Zone, when.After, cell(where.Name), where.ICAO, degrees(where.Lat), degrees(where.Lon),
		cell(it.Attribution), strconv.Itoa(it.Roots), grade, cell(it.Desk), amended, cell(strings.Join(notices, "\n")), string(it.Data),
	}
}

func degrees(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// cell keeps a text from being taken for a formula by a spreadsheet: what
// begins like one is given a leading apostrophe.
func cell(s string) string {
	s = clean(s)
	first := strings.TrimLeftFunc(s, unicode.IsSpace)
	if (first != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(first)[0])) || strings.HasPrefix(s, "\t") {
		return "'" + s
	}
	return s
}
