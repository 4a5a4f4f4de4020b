package projections

import "testing"

func TestTheStatusOfMeetings(t *testing.T) {
	statusesAre(t, []statusCase{
		{
			"a meeting that was planned and has begun, with another between", "",
			[]string{otherTalk, talks, `meeting.scheduled meeting/z {"title":"Z","kind":"other"}`, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`},
			`{"phase":"under_way","meetings":[{"id":"leaders","title":"Talks","kind":"talks","state":"under_way","place":{"name":"Hotel"},"participants":["A","B"],
			  "when":{"best":"@14:10","phase":"actual"},"planned":{"best":"@13:50","phase":"planned"},"previous":[],"facts":[4,2]},{"id":"meal"},{"id":"z"}]}`,
		},
		{
			"a plan that was told after the actual", "",
			[]string{`meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, talks},
			`{"meetings":[{"id":"leaders","state":"under_way","when":{"best":"@14:10"},"planned":{"best":"@13:50"},"title":"Talks"}]}`,
		},
		{
			"one that pauses", "",
			[]string{talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `meeting.paused meeting/leaders {"when":{"best":"@15:00"}}`},
			`{"phase":"under_way","meetings":[{"state":"paused","when":{"best":"@14:10"},"planned":{"best":"@13:50"},"facts":[3,1,2]}]}`,
		},
		{
			"one that goes on after a break", "",
			[]string{
				talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `meeting.paused meeting/leaders {"when":{"best":"@15:00"}}`,
				`meeting.resumed meeting/leaders {"when":{"best":"@16:30"}}`,
			},
			`{"phase":"under_way","meetings":[{"state":"under_way","when":{"best":"@14:10"},"planned":{"best":"@13:50"},"facts":[4,1,2]}]}`,
		},
		{
			"a break that is planned moves no beginning", "",
			[]string{talks, `meeting.paused meeting/leaders {"when":{"best":"@15:00","phase":"planned"}}`},
			`{"meetings":[{"state":"scheduled","when":{"best":"@13:50"}}]}`,
		},
		{
			"one that has ended", "",
			[]string{talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `meeting.ended meeting/leaders {"when":{"best":"@16:30"}}`},
			`{"phase":"concluded","meetings":[{"state":"ended","when":{"best":"@14:10"},"planned":{"best":"@13:50"},"facts":[3,1,2]}]}`,
		},
		{
			"called off, and on again", "",
			[]string{talks, `meeting.cancelled meeting/leaders {}`, `meeting.rescheduled meeting/leaders {"title":"Talks","kind":"talks","when":{"best":"@18:00"}}`},
			`{"phase":"scheduled","meetings":[{"state":"scheduled","when":{"best":"@18:00"},"previous":[{"best":"@13:50"}],"place":{"name":"Hotel"},"standing":"unverified"}]}`,
		},
		{
			"moved, with a time that says nothing", "",
			[]string{talks, `meeting.scheduled meeting/leaders {"title":"Talks","kind":"talks","when":{"phase":"actual"}}`, `meeting.rescheduled meeting/leaders {"when":{"best":"@18:00"}}`},
			`{"meetings":[{"state":"scheduled","when":{"best":"@18:00"},"previous":[{"best":"@13:50"}]}]}`,
		},
		{
			"called off, and scheduled again", "",
			[]string{talks, `meeting.cancelled meeting/leaders {}`, talks},
			`{"phase":"scheduled","meetings":[{"state":"scheduled"}]}`,
		},
		{
			"called off", "",
			[]string{talks, `meeting.cancelled meeting/leaders {"reason":"no need"}`},
			`{"phase":"cancelled","meetings":[{"state":"cancelled","when":{"best":"@13:50"},"title":"Talks","facts":[2,1]}]}`,
		},
		{
			"called off before it was moved, as it was announced", "",
			[]string{
				`meeting.scheduled meeting/leaders @08:00 {"title":"Talks","kind":"talks","when":{"best":"@13:50"}}`,
				`meeting.rescheduled meeting/leaders @10:00 {"title":"Talks","kind":"talks","when":{"best":"@18:00"}}`,
				`meeting.cancelled meeting/leaders @09:00 {}`,
			},
			`{"phase":"scheduled","meetings":[{"state":"scheduled","when":{"best":"@18:00"}}]}`,
		},
		{
			"before it was called off", "@09:30",
			[]string{
				`meeting.scheduled meeting/leaders @08:00 {"title":"Talks","kind":"talks","when":{"best":"@13:50"}}`,
				`meeting.cancelled meeting/leaders @10:00 {}`,
			},
			`{"phase":"scheduled","meetings":[{"state":"scheduled","facts":[1]}]}`,
		},
		{
			"before it was announced", "@07:30",
			[]string{`meeting.scheduled meeting/leaders @08:00 {"title":"Talks","kind":"talks","when":{"best":"@13:50"}}`},
			`{"phase":"opened","meetings":[]}`,
		},
		{
			"an announcement without a time holds always", "@07:30",
			[]string{talks, `meeting.cancelled meeting/leaders @10:00 {}`},
			`{"phase":"scheduled","meetings":[{"state":"scheduled"}]}`,
		},
		{
			"an announcement without a time follows those before it", "@09:30",
			[]string{
				`meeting.scheduled meeting/leaders @10:00 {"title":"Talks","kind":"talks","when":{"best":"@13:50"}}`,
				`meeting.cancelled meeting/leaders {}`,
			},
			`{"phase":"opened","meetings":[]}`,
		},
		{
			"what is actual outranks a cancellation", "",
			[]string{talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `meeting.cancelled meeting/leaders {}`},
			`{"phase":"under_way","meetings":[{"state":"under_way"}]}`,
		},
		{
			"a start that is retracted", "",
			[]string{talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `retract 2`},
			`{"phase":"scheduled","meetings":[{"state":"scheduled","when":{"best":"@13:50"},"planned":null,"facts":[1]}]}`,
		},
		{
			"a start that is retracted, of a meeting called off", "",
			[]string{talks, `meeting.cancelled meeting/leaders {}`, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `retract 3`},
			`{"meetings":[{"state":"cancelled"}]}`,
		},
		{
			"the last announcement retracted, and those that followed its time", "",
			[]string{
				`meeting.scheduled meeting/leaders @08:00 {"title":"Talks","kind":"talks","when":{"best":"@13:50"}}`,
				`meeting.rescheduled meeting/leaders @12:00 {"title":"Talks","kind":"talks","when":{"best":"@20:00"}}`,
				`meeting.cancelled meeting/leaders {}`,
				`meeting.rescheduled meeting/leaders @10:00 {"title":"Talks","kind":"talks","when":{"best":"@18:00"}}`,
				`retract 2`,
			},
			`{"meetings":[{"state":"scheduled","when":{"best":"@18:00"},"previous":[{"best":"@13:50"}]}]}`,
		},
		{
			"moved without a time or a place", "",
			[]string{talks, `meeting.rescheduled meeting/leaders {"title":"Talks of leaders","kind":"talks"}`},
			`{"meetings":[{"state":"scheduled","title":"Talks of leaders","when":{"best":"@13:50"},"place":{"name":"Hotel"},"participants":["A","B"],"previous":[],"facts":[2,1]}]}`,
		},
		{
			"an earlier plan corrected", "",
			[]string{talks, `meeting.rescheduled meeting/leaders {"title":"Talks","kind":"talks"}`, `correct 1 {"place":{"name":"Villa"},"when":{"best":"@15:00"}}`},
			`{"meetings":[{"when":{"best":"@15:00"},"place":{"name":"Villa"}}]}`,
		},
		{
			"a meeting of which only the start is known, and its plan was retracted", "",
			[]string{talks, `meeting.started meeting/leaders {"when":{"best":"@14:10"}}`, `retract 1`},
			`{"meetings":[{"id":"leaders","title":"leaders","state":"under_way","planned":null,"place":null}]}`,
		},
	})
}

func TestTheStatusOfAllElse(t *testing.T) {
	statusesAre(t, []statusCase{
		{
			"an aircraft that is expected", "",
			[]string{
				`aircraft.landed aircraft/x {"model":"Il-96","place":{"name":"B"},"when":{"best":"@20:00","phase":"planned"}}`,
				`aircraft.departed aircraft/x {"from":{"name":"A"},"to":{"name":"B"},"when":{"best":"@10:00","phase":"planned"}}`,
			},
			`{"aircraft":[{"id":"x","state":"expected","model":"Il-96","from":{"name":"A"},"to":{"name":"B"}}]}`,
		},
		{
			"an aircraft as planned and as it was, with another between", "",
			[]string{
				`aircraft.landed aircraft/x {"model":"Il-96","place":{"name":"B"},"when":{"best":"@20:00","phase":"planned"}}`,
				`aircraft.tracked aircraft/y {"service":"R","watchers":7}`,
				`aircraft.departed aircraft/x {"from":{"name":"A"},"when":{"best":"@10:00"}}`,
				`aircraft.landed aircraft/x {"place":{"name":"C"},"when":{"best":"@20:30"}}`,
			},
			`{"aircraft":[{"id":"x","state":"landed","model":"Il-96","place":{"name":"C"},"from":{"name":"A"},"since":{"best":"@20:30"},"planned":{"best":"@20:00"},"facts":[4,1,3]},
			  {"id":"y","watchers":7,"facts":[2]}]}`,
		},
		{
			"what belongs to a leg ends with the next departure", "",
			[]string{
				`aircraft.departed aircraft/x {"model":"Il-96","from":{"name":"A"},"to":{"name":"B"},"when":{"best":"@10:00"}}`,
				`aircraft.tracked aircraft/x {"service":"R","watchers":7,"when":{"best":"@11:00"}}`,
				`aircraft.departed aircraft/x {"from":{"name":"B"},"when":{"best":"@13:00"}}`,
			},
			`{"aircraft":[{"state":"en_route","model":"Il-96","from":{"name":"B"},"to":null,"watchers":null,"place":null}]}`,
		},
		{
			"a delegate who is expected, then comes, for a party that has no delegation", "",
			[]string{
				`delegate.arrived person/p {"name":"P","role":"Envoy","party":"a","place":{"name":"B"},"when":{"best":"@10:00","phase":"planned"}}`,
				`delegate.arrived person/q {"name":"Q","party":"a","place":{"name":"B"},"when":{"best":"@10:00","phase":"planned"}}`,
				`delegate.arrived person/p {"name":"P","place":{"name":"C"},"when":{"best":"@10:30"}}`,
			},
			`{"delegations":[{"id":"a","delegates":[{"id":"p","state":"arrived","role":"Envoy","place":{"name":"C"},"since":{"best":"@10:30"},"planned":{"best":"@10:00"},"facts":[3,1]},{"id":"q","state":"expected"}]}]}`,
		},
		{
			"a delegate who changes party stands under one", "",
			[]string{
				`delegation.arrived delegation/a {"party":"a","place":{"name":"B"}}`,
				`delegate.arrived person/p {"name":"P","party":"a","place":{"name":"B"},"when":{"best":"@10:00"}}`,
				`delegate.departed person/p {"name":"P","party":"b","place":{"name":"B"},"when":{"best":"@11:00"}}`,
			},
			`{"delegations":[{"id":"a","delegates":[]},{"id":"b","delegates":[{"id":"p","state":"departed"}]}]}`,
		},
		{
			"a delegation that was planned and came, keeps its members", "",
			[]string{
				`delegation.arrived delegation/a {"party":"a","place":{"name":"B"},"members":["M"],"when":{"best":"@10:00","phase":"planned"}}`,
				`delegation.arrived delegation/b {"party":"b","place":{"name":"B"}}`,
				`delegation.arrived delegation/a {"party":"a","place":{"name":"B"},"when":{"best":"@10:30"}}`,
				`delegation.departed delegation/a {"party":"a","place":{"name":"B"},"when":{"best":"@18:00"}}`,
			},
			`{"delegations":[{"id":"a","state":"departed","members":["M"],"facts":[4,1]},{"id":"b"}]}`,
		},
		{
			"a site keeps the level of an aspect", "",
			[]string{
				`site.prepared site/s {"name":"S","aspect":"security","level":"high","detail":"d","when":{"best":"@10:00"}}`,
				`site.prepared site/s {"name":"Palace","aspect":"security","when":{"best":"@11:00"}}`,
				`site.prepared site/s {"name":"S","aspect":"logistics","when":{"best":"@10:00"}}`,
				`site.prepared site/s {"name":"S","aspect":"reception","level":"raised","when":{"best":"@10:00","phase":"planned"}}`,
			},
			`{"sites":[{"id":"s","name":"Palace","aspects":{"security":{"level":"high","detail":null,"facts":[2,1]},"logistics":{"level":null},"reception":{"level":"raised","planned":{"best":"@10:00"}}}}]}`,
		},
		{
			"a topic keeps its title", "",
			[]string{
				`position.stated topic/t {"title":"Swaps","actor":"A","stance":"for","detail":"d","when":{"best":"@10:00"}}`,
				`position.stated topic/t {"actor":"A","stance":"against","detail":"e","when":{"best":"@11:00"}}`,
				`position.stated topic/u {"actor":"B","stance":"for","detail":"e"}`,
				`agenda.set topic/u {"title":"Union","expected":true}`,
			},
			`{"positions":[{"topic":"t","title":"Swaps","stances":[{"actor":"A","stance":"against","detail":"e","facts":[2]}]},{"topic":"u","title":"Union"}],"agenda":[{"topic":"u","title":"Union"}]}`,
		},
		{
			"a planned statement gives way to one that was made", "",
			[]string{
				`agenda.set topic/t {"title":"T","expected":false,"when":{"best":"@10:00"}}`,
				`agenda.set topic/t {"title":"T","expected":true,"when":{"best":"@20:00","phase":"planned"}}`,
			},
			`{"agenda":[{"topic":"t","expected":false,"facts":[1]}]}`,
		},
	})
}
