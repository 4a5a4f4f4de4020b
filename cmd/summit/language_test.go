package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/logtest"
)

// inRussian is a story whose own words are all Russian, of facts of every kind that a
// status lists, amended in every way, and contradicting each other.
var inRussian = []string{
	`"type":"aircraft.departed","subject":"aircraft/1","time":"2025-08-14T08:00:00Z","data":{"model":"Ил","from":{"name":"Внуково","lat":55.6,"lon":37.3},"to":{"name":"Анкоридж"},"aboard":["person/2"],%s}`,
	`"type":"aircraft.landed","subject":"aircraft/1","time":"2025-08-14T08:10:00Z","data":{"place":{"name":"Анкоридж","lat":61.2,"lon":-149.8},%s}`,
	`"type":"delegate.arrived","subject":"person/2","time":"2025-08-14T10:00:00Z","data":{"name":"Посол","role":"посол","party":"a","place":{"name":"Анкоридж"},%s}`,
	`"type":"delegation.arrived","subject":"delegation/3","data":{"party":"a","name":"Делегация","place":{"name":"Анкоридж"},"when":{"earliest":"2025-08-14T09:00:00Z","approximate":true,"text":"утром"},%s}`,
	`"type":"vehicle.departed","subject":"vehicle/4","time":"2025-08-14T11:00:00Z","data":{"kind":"train","name":"Поезд","from":{"name":"Анкоридж"},"aboard":["person/2","delegation/3"],%s}`,
	`"type":"meeting.scheduled","subject":"meeting/5","data":{"title":"Беседа","kind":"talks","when":{"after":"delegation/3"},%s}`,
	`"type":"site.prepared","subject":"site/6","data":{"name":"База","aspect":"security","level":"raised",%s}`,
	`"type":"site.changed","subject":"site/6","data":{"state":"cordoned",%s}`,
	`"type":"agenda.set","subject":"topic/7","data":{"title":"Вопрос","expected":false,%s}`,
	`"type":"position.stated","subject":"topic/7","time":"2025-08-14T12:00:00Z","data":{"actor":"Посол","stance":"no-comment","detail":"Молчит",%s}`,
	`"type":"document.announced","subject":"document/8","data":{"title":"Бумага","kind":"letter",%s}`,
	`"type":"measure.began","subject":"measure/9","data":{"title":"Перемирие","kind":"ceasefire",%s}`,
	`"type":"incident.reported","subject":"incident/10","data":{"title":"Шествие","kind":"protest","injured":{"min":3},%s}`,
	`"type":"statement.made","subject":"person/2","data":{"speaker":"Посол","text":"Всё хорошо","quote":"Хорошо",%s}`,
	`"type":"fact.corrected","subject":"site/6","data":{"target":"` + russianFact(7) + `","patch":{"level":"high"},"class":"corrected","notice":"Уровень выше",%s}`,
	`"type":"fact.corrected","subject":"topic/7","data":{"target":"` + russianFact(10) + `","patch":{"stance":"against"},"class":"refile","notice":"Иначе",%s}`,
	`"type":"fact.retracted","subject":"site/6","data":{"target":"` + russianFact(15) + `","reason":"Ошибка",%s}`,
	`"type":"fact.corroborated","subject":"person/2","data":{"target":"` + russianFact(3) + `",%s}`,
	`"type":"fact.disputed","subject":"person/2","data":{"target":"` + russianFact(3) + `",%s}`,
	`"type":"fact.graded","subject":"person/2","data":{"target":"` + russianFact(3) + `","grade":{"source":"B","info":2},%s}`,
	`"type":"fact.retracted","subject":"measure/9","data":{"target":"` + russianFact(12) + `","reason":"Ошибка",%s}`,
	`"type":"summit.closed","subject":"summit/` + staged + `","data":{"reason":"Конец"}`,
}

// russianFact is the id of the n-th event of the story after its opening.
func russianFact(n int) string { return fmt.Sprintf("0198a9f2-7c1e-7000-8000-%012d", n) }

// russianStage has the story.
func russianStage(t *testing.T) *stage {
	s := newStage(t, 1, 0)
	const sources = `"sources":[{"id":"r","name":"Репортёр"},{"id":"p","name":"Газета","kind":"outlet","via":["r"]},{"id":"q","name":"Канал","kind":"social","via":["p"]}]`
	var story []events.Event
	for i, text := range inRussian {
		if strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, sources)
		}
		e, err := events.Submit([]byte(`{"id":"`+russianFact(i+1)+`","source":"/desks/1",`+text+`}`), staged)
		s.must(err)
		e.Recorded = events.Instant{Time: logtest.Opened(staged).Recorded.Add(time.Duration(i+1) * time.Minute)}
		story = append(story, e)
	}
	s.grow(story)
	return s
}

// typed is what is the same in every language: names, ids, positions, cursors, zones,
// grades, symbols of units, and what people type.
var typed = regexp.MustCompile(`--cursor \S+|[0-9]+ min\b|[0-9a-f]{8}-[0-9]+|[0-9a-f-]{36}|--[a-z]+|\b(Test|UTC|aircraft|delegation|document|measure|meeting|person|site|topic|vehicle)/[0-9]+|[a-z]+\.[a-z]+\b|/desks/[a-z0-9]+|summit follow|\b(Test|UTC|` + staged + `)\b`)

var latin = regexp.MustCompile(`[A-Za-z]{2,}`)

// What a verb answers a reader of Russian has no word of another language.
func TestAnswersAreInTheReadersLanguage(t *testing.T) {
	t.Setenv("LC_ALL", "ru_RU.UTF-8")
	russianStage(t).serve(server.ScrubOptions{}, func(x *served) {
		x.reach(1 + len(inRussian))
		for _, args := range [][]string{
			{"timeline", staged},
			{"timeline", staged, "--limit", "2"},
			{"status", staged},
			{"status", staged, "--at", "2025-08-14T12:00:00Z", "--known", "@13"},
			{"changes", staged, "--since", "@3"},
			{"changes", staged, "--since", "@16", "--limit", "2"},
			{"conflicts", staged},
			{"conflicts", staged, "--known", "@1"},
			{"facts", staged, "@4"},
			{"facts", staged, "@8"},
			{"replay", staged},
			{"follow", staged, "--since", "@0"},
			{"list"},
		} {
			var out, errs bytes.Buffer
			if code := run(append(slices.Clone(args), "--server", x.url), cli.Streams{Out: &out, Err: &errs}); code != cli.Good || out.Len() == 0 {
				t.Errorf("%v: exit %d: %s", args, code, errs.String())
			}
			for line := range strings.Lines(out.String() + errs.String()) {
				if word := latin.FindString(typed.ReplaceAllString(line, "")); word != "" {
					t.Errorf("%v says %q: %s", args, word, line)
				}
			}
		}
	})
}
