package targets

import (
	"testing"

	"huisboek/events"
)

func TestSentence(t *testing.T) {
	name := func(partner string) string { return map[string]string{"uwv": "UWV"}[partner] }
	plain := func(change func(s *Standing)) *Standing {
		s := &Standing{Version: *aYear(420), Plain: true, On: "2026-07-01", Total: 210 * one}
		if change(s); s.Today == "" {
			s.Today = s.On
		}
		return s
	}
	forecast := func(expected, low, high, short Amount) *Forecast {
		return &Forecast{Expected: expected * one, Low: low * one, High: high * one, Short: short * one}
	}
	for _, c := range []struct {
		name   string
		s      *Standing
		nl, en string
	}{
		{"exactly, and too early to tell", plain(func(s *Standing) { s.Total = 209 * one }),
			"Op 1 juli 2026 staan we op 209 plaatsingen: precies volgens de afspraak (209). Het is te vroeg om te zeggen waar we uitkomen.",
			"On 1 July 2026 we are at 209 placements: exactly as agreed (209). It is too early to say where we end."},
		{"ahead, with doubts", plain(func(s *Standing) {
			s.On, s.Total, s.Doubts, s.Forecast = "2026-04-15", 133*one, 2, forecast(432, 400, 464, -12)
		}),
			"Op 15 april 2026 staan we op 133 plaatsingen, waarvan 2 mogelijk dubbel: 12 voor op de afspraak (121). In dit tempo komen we uit op 432 (400 tot 464), 12 meer dan het doel.",
			"On 15 April 2026 we are at 133 placements, of which 2 possibly double: 12 ahead of what was agreed (121). At this pace we end at 432 (400 to 464), 12 over the target."},
		{"behind, most of it at one", plain(func(s *Standing) {
			s.Total, s.Forecast = 176*one, forecast(352, 330, 374, 68)
			s.Forecast.Most, s.Forecast.MostShort = "uwv", 40*one
		}),
			"Op 1 juli 2026 staan we op 176 plaatsingen: 33 achter op de afspraak (209). In dit tempo komen we uit op 352 (330 tot 374), 68 te weinig; het meeste daarvan bij UWV.",
			"On 1 July 2026 we are at 176 placements: 33 behind what was agreed (209). At this pace we end at 352 (330 to 374), 68 short; most of it at UWV."},
		{"behind, spread over many", plain(func(s *Standing) {
			s.Total, s.Forecast = 1*one, forecast(352, 352, 352, 68)
			s.Forecast.Most, s.Forecast.MostShort = "uwv", 20*one
		}),
			"Op 1 juli 2026 staan we op 1 plaatsing: 208 achter op de afspraak (209). In dit tempo komen we uit op 352, 68 te weinig; het grootste tekort is bij UWV (20).",
			"On 1 July 2026 we are at 1 placement: 208 behind what was agreed (209). At this pace we end at 352, 68 short; the largest shortage is at UWV (20)."},
		{"exactly enough", plain(func(s *Standing) { s.Total, s.Forecast = 209*one, forecast(420, 400, 440, 0) }),
			"Op 1 juli 2026 staan we op 209 plaatsingen: precies volgens de afspraak (209). In dit tempo komen we uit op 420 (400 tot 440), precies genoeg.",
			"On 1 July 2026 we are at 209 placements: exactly as agreed (209). At this pace we end at 420 (400 to 440), exactly enough."},
		{"jobs are an indication", plain(func(s *Standing) {
			s.Version = *aYear(125_000)
			s.Version.Measure = events.MeasureJobs
			s.Total = 1_234_549
			s.Forecast = &Forecast{Expected: 2_469_100, Low: 2_400_000, High: 2_538_200, Short: 122_530_900}
		}),
			"Op 1 juli 2026 staan we op 1.234,5 banen (indicatie): 61.094,3 achter op de afspraak (62.328,8). In dit tempo komen we uit op 2.469,1 (2.400 tot 2.538,2), 122.530,9 te weinig.",
			"On 1 July 2026 we are at 1,234.5 jobs (indication): 61,094.3 behind what was agreed (62,328.8). At this pace we end at 2,469.1 (2,400 to 2,538.2), 122,530.9 short."},
		{"of people: as released", plain(func(s *Standing) {
			s.Plain, s.On, s.Settled, s.Total, s.Forecast = false, "2026-07-22", "2026-06", 198*one, forecast(396, 370, 422, 24)
		}),
			"Op 22 juli 2026 staan we op 198 plaatsingen, zoals vrijgegeven tot en met juni 2026: 10 achter op de afspraak (208). In dit tempo komen we uit op 396 (370 tot 422), 24 te weinig.",
			"On 22 July 2026 we are at 198 placements, as released up to and including June 2026: 10 behind what was agreed (208). At this pace we end at 396 (370 to 422), 24 short."},
		{"of people: doubts at most, and what is not shown", plain(func(s *Standing) {
			s.Plain, s.On, s.Settled, s.Total, s.Doubts, s.Forecast = false, "2026-07-22", "2026-06", 198*one, 2, forecast(396, 370, 422, 24)
			s.NotCounted = []LeftOut{{Reason: WhyKind, Count: 3}, {Reason: Hidden, Count: 1244, Hidden: true}}
		}),
			"Op 22 juli 2026 staan we op 198 plaatsingen, zoals vrijgegeven tot en met juni 2026, waarvan hooguit 2 mogelijk dubbel: 10 achter op de afspraak (208). In dit tempo komen we uit op 396 (370 tot hooguit 422, als alles meetelt wat is afgeschermd), hooguit 24 te weinig. Er kunnen er tot 1.244 bij komen: die zijn afgeschermd, en of zij meetellen is niet te zeggen.",
			"On 22 July 2026 we are at 198 placements, as released up to and including June 2026, of which at most 2 possibly double: 10 behind what was agreed (208). At this pace we end at 396 (370 to at most 422, if all counts that is not shown), at most 24 short. There may be up to 1,244 more: they are not shown, and whether they count cannot be said."},
		{"of people: a stock may be too high", plain(func(s *Standing) {
			s.Plain, s.On, s.Settled, s.Total, s.Forecast = false, "2026-07-22", "2026-06", 208*one, forecast(420, 400, 440, 0)
			s.Version.Definition.Standing = true
			s.NotCounted = []LeftOut{{Reason: Hidden, Count: 7, Hidden: true}}
		}),
			"Op 22 juli 2026 staan we op 208 plaatsingen, zoals vrijgegeven tot en met juni 2026: precies volgens de afspraak (208). In dit tempo komen we uit op 420 (400 tot hooguit 440, als alles meetelt wat is afgeschermd), precies genoeg. Er kunnen er tot 7 bij komen: die zijn afgeschermd, en of zij meetellen is niet te zeggen. Wat eindigt, gaat er soms later af: de stand kan te hoog zijn.",
			"On 22 July 2026 we are at 208 placements, as released up to and including June 2026: exactly as agreed (208). At this pace we end at 420 (400 to at most 440, if all counts that is not shown), exactly enough. There may be up to 7 more: they are not shown, and whether they count cannot be said. What ends is sometimes taken off later: the standing may be too high."},
		{"of people: only what came before the period was released", plain(func(s *Standing) { s.Plain, s.On, s.Settled, s.Total = false, "2026-01-20", "2025-12", 0 }),
			"Er is nog niets vrijgegeven.", "Nothing has been released yet."},
		{"nothing released", plain(func(s *Standing) { s.Plain, s.Total = false, 0 }),
			"Er is nog niets vrijgegeven.", "Nothing has been released yet."},
		{"a day that has yet to come", plain(func(s *Standing) { s.Today, s.Total, s.Doubts = "2026-04-15", 133*one, 2 }),
			"Van 1 juli 2026, een dag die nog moet komen, is op 15 april 2026 dit bekend: 133 plaatsingen, waarvan 2 mogelijk dubbel. Afgesproken voor die dag: 209.",
			"Of 1 July 2026, a day that has yet to come, this is known on 15 April 2026: 133 placements, of which 2 possibly double. Agreed for that day: 209."},
		{"the last day has yet to come", plain(func(s *Standing) { s.On, s.Today, s.Total = "2026-12-31", "2026-12-30", 430*one }),
			"Van 31 december 2026, een dag die nog moet komen, is op 30 december 2026 dit bekend: 430 plaatsingen. Afgesproken voor die dag: 420.",
			"Of 31 December 2026, a day that has yet to come, this is known on 30 December 2026: 430 placements. Agreed for that day: 420."},
		{"a day that has yet to come, of people", plain(func(s *Standing) {
			s.Plain, s.On, s.Today, s.Settled, s.Total = false, "2026-12-31", "2026-07-22", "2026-06", 198*one
			s.NotCounted = []LeftOut{{Reason: Hidden, Count: 7, Hidden: true}}
		}),
			"Van 31 december 2026, een dag die nog moet komen, is op 22 juli 2026 dit bekend: 198 plaatsingen, zoals vrijgegeven tot en met juni 2026. Afgesproken voor die dag: 420. Er kunnen er tot 7 bij komen: die zijn afgeschermd, en of zij meetellen is niet te zeggen.",
			"Of 31 December 2026, a day that has yet to come, this is known on 22 July 2026: 198 placements, as released up to and including June 2026. Agreed for that day: 420. There may be up to 7 more: they are not shown, and whether they count cannot be said."},
		{"not begun", plain(func(s *Standing) { s.On = "2025-12-31" }),
			"De periode begint op 1 januari 2026.", "The period begins on 1 January 2026."},
		{"over, reached", plain(func(s *Standing) { s.On, s.Total, s.Doubts = "2026-12-31", 430*one, 10 }),
			"De periode is voorbij, met 430 plaatsingen, waarvan 10 mogelijk dubbel; het doel van 420 is behaald.",
			"The period is over, with 430 placements, of which 10 possibly double; the target of 420 was reached."},
		{"over, reached unless", plain(func(s *Standing) { s.On, s.Total, s.Doubts = "2027-01-20", 421*one, 2 }),
			"De periode is voorbij, met 421 plaatsingen, waarvan 2 mogelijk dubbel; het doel van 420 is behaald als daar niets dubbels bij is.",
			"The period is over, with 421 placements, of which 2 possibly double; the target of 420 was reached if none of them is double."},
		{"over, missed", plain(func(s *Standing) { s.On, s.Total = "2027-01-20", 419*one }),
			"De periode is voorbij, met 419 plaatsingen; het doel van 420 is niet behaald: 1 te weinig.",
			"The period is over, with 419 placements; the target of 420 was not reached: 1 short."},
		{"over, of people, missed unless", plain(func(s *Standing) {
			s.Plain, s.On, s.Settled, s.Total = false, "2027-01-20", "2026-12", 400*one
			s.NotCounted = []LeftOut{{Reason: Hidden, Count: 20, Hidden: true}}
		}),
			"De periode is voorbij, met 400 plaatsingen, zoals vrijgegeven tot en met december 2026; of het doel van 420 is behaald, is niet te zeggen: volgens wat is vrijgegeven is het 20 te weinig. Er kunnen er tot 20 bij komen: die zijn afgeschermd, en of zij meetellen is niet te zeggen.",
			"The period is over, with 400 placements, as released up to and including December 2026; whether the target of 420 was reached cannot be said: by what was released it is 20 short. There may be up to 20 more: they are not shown, and whether they count cannot be said."},
		{"over, of people, missed whatever is hidden", plain(func(s *Standing) {
			s.Plain, s.On, s.Settled, s.Total = false, "2027-01-20", "2026-12", 400*one
			s.NotCounted = []LeftOut{{Reason: Hidden, Count: 19, Hidden: true}}
		}),
			"De periode is voorbij, met 400 plaatsingen, zoals vrijgegeven tot en met december 2026; het doel van 420 is niet behaald: 20 te weinig. Er kunnen er tot 19 bij komen: die zijn afgeschermd, en of zij meetellen is niet te zeggen.",
			"The period is over, with 400 placements, as released up to and including December 2026; the target of 420 was not reached: 20 short. There may be up to 19 more: they are not shown, and whether they count cannot be said."},
		{"over, of people, not all released", plain(func(s *Standing) { s.Plain, s.On, s.Settled = false, "2027-01-20", "2026-11" }),
			"Op 20 januari 2027 staan we op 210 plaatsingen, zoals vrijgegeven tot en met november 2026: 174 achter op de afspraak (384). De periode is voorbij; de laatste cijfers zijn nog niet vrijgegeven.",
			"On 20 January 2027 we are at 210 placements, as released up to and including November 2026: 174 behind what was agreed (384). The period is over; the last figures have not been released yet."},
	} {
		if got := Sentence(c.s, name); got.NL != c.nl || got.EN != c.en {
			t.Errorf("%s:\n got %s\nwant %s\n got %s\nwant %s", c.name, got.NL, c.nl, got.EN, c.en)
		}
	}
	for measure := range dutch.measures {
		if dutch.measures[measure][1] == "" || english.measures[measure][1] == "" {
			t.Errorf("no word for %s", measure)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		a        Amount
		decimals int
		nl, en   string
	}{
		{1_234_500, 1, "1.234,5", "1,234.5"},
		{1_234_549, 3, "1.234,549", "1,234.549"},
		{1_234_567_800, 0, "1.234.568", "1,234,568"},
		{999_500, 0, "1.000", "1,000"},
		{784, 3, "0,784", "0.784"},
		{784, 1, "0,8", "0.8"},
		{0, 3, "0", "0"},
		{-12_340, 2, "-12,34", "-12.34"},
		{-400, 0, "0", "0"},
		{2_050, 2, "2,05", "2.05"},
	} {
		if nl, en := c.a.Number("nl", c.decimals), c.a.Number("en", c.decimals); nl != c.nl || en != c.en {
			t.Errorf("%d with %d: %s, %s; want %s, %s", c.a, c.decimals, nl, en, c.nl, c.en)
		}
	}
}
