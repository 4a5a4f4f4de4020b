package events

import (
	"fmt"
	"testing"
	"time"
)

func TestTheTimeOfAnAnnouncementIsWhenItWasMade(t *testing.T) {
	const announced, planned, recorded = "2018-05-10T10:37:00-04:00", "2018-06-12T09:00:00+08:00", "2018-05-10T15:00:00Z"
	for _, row := range []struct {
		typ, subject, data string
		announces          bool
	}{
		{TypeMeetingScheduled, "meeting/m", `"title":"T","kind":"talks","when":{"best":"%s"}`, true},
		{TypeMeetingScheduled, "meeting/m", `"title":"T","kind":"talks","when":{"best":"%s","phase":"actual"}`, true},
		{TypeMeetingRescheduled, "meeting/m", `"when":{"earliest":"%s"}`, true},
		{TypeMeetingCancelled, "meeting/m", `"when":{"best":"%s"}`, true},
		{TypeMeetingStarted, "meeting/m", `"when":{"best":"%s","phase":"planned"}`, true},
		{TypeAircraftLanded, "aircraft/a", `"place":{"name":"P"},"when":{"best":"%s","phase":"planned"}`, true},
		{TypeMeetingStarted, "meeting/m", `"when":{"best":"%s"}`, false},
		{TypeMeetingEnded, "meeting/m", `"when":{"earliest":"%s"}`, false},
		{TypeAircraftLanded, "aircraft/a", `"place":{"name":"P"},"when":{"best":"%s","phase":"estimated"}`, false},
		{TypeSummitClosed, "summit/geneva", `"when":{"best":"%s"}`, false},
	} {
		data := fmt.Sprintf(row.data, planned)
		e, err := Submit([]byte(`{"source":"/d","type":"`+row.typ+`","subject":"`+row.subject+`","time":"`+announced+`","data":{"sources":[{"id":"s","name":"S"}],`+data+`}}`), "geneva")
		if (err == nil) != row.announces {
			t.Errorf("%s {%s} at another time: %v", row.typ, data, err)
		}
		if err != nil {
			continue
		}
		stamp, _ := ParseInstant(recorded)
		e.Recorded = stamp
		if at, ok := e.Announced(); !ok || !at.Equal(e.Time.Time) || CheckAnnounced(e, stamp.Time) != nil {
			t.Errorf("%s: announced %v %t, %v", row.typ, at, ok, CheckAnnounced(e, stamp.Time))
		}
		e.Recorded = Instant{Time: e.Time.Add(-time.Second)}
		if _, ok := e.Announced(); ok || CheckAnnounced(e, e.Recorded.Time) == nil {
			t.Errorf("%s: announced after it was recorded", row.typ)
		}
		e.Time = Instant{}
		if _, ok := e.Announced(); ok || CheckAnnounced(e, stamp.Time) != nil {
			t.Errorf("%s: announced at no time", row.typ)
		}
	}
}
