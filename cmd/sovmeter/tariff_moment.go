package main

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// parseDay reads a date in the words of --day; now has the zone.
func parseDay(text string, now time.Time) (tariff.Date, error) {
	today := tariff.DateOf(now)
	switch text {
	case "", "today":
		return today, nil
	case "tomorrow":
		return today.Add(1), nil
	case "yesterday":
		return today.Add(-1), nil
	}
	date, err := tariff.ParseDate(text)
	if err != nil || date.Year < 1970 || date.Year > 2199 {
		return tariff.Date{}, fmt.Errorf("--day %q: want a date such as 2026-03-29, or today, tomorrow or yesterday", text)
	}
	return date, nil
}

// parseAt reads a moment in the words of --at; now has the zone. The note says
// that another moment has the same words.
func parseAt(text string, now time.Time) (at time.Time, note string, err error) {
	if text == "now" {
		return now, "", nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.In(now.Location()), "", nil
	}
	wall, ok := parseWall(text, now)
	if !ok {
		return time.Time{}, "", fmt.Errorf("--at %q: want now, a time such as 14:30, \"2026-03-29 14:30\" or 2026-03-29T14:30:00Z", text)
	}
	shown := shownAt(wall, now.Location())
	switch len(shown) {
	case 0:
		return time.Time{}, "", fmt.Errorf("--at %q: clocks in %s left that time out", text, now.Location())
	case 2:
		note = fmt.Sprintf("Clocks show %s twice on that day. This is the first; the second is --at %s.", wall.Format("15:04"), localTime(shown[1]))
	}
	return shown[0], note, nil
}

// parseWall reads what clocks show, as a time of UTC.
func parseWall(text string, now time.Time) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateTime} {
		if wall, err := time.Parse(layout, text); err == nil {
			return wall, true
		}
	}
	at, err := time.Parse("15:04", text)
	year, month, day := now.Date()
	return time.Date(year, month, day, at.Hour(), at.Minute(), 0, 0, time.UTC), err == nil
}

// shownAt is when clocks in a zone show what a time of UTC says: never, once or
// twice.
func shownAt(wall time.Time, zone *time.Location) []time.Time {
	var list []time.Time
	for _, around := range []time.Duration{-24 * time.Hour, 24 * time.Hour} { // before and after a change of that day
		_, offset := wall.Add(around).In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if at.Format(time.DateTime) == wall.Format(time.DateTime) && (len(list) == 0 || !list[0].Equal(at)) {
			list = append(list, at)
		}
	}
	return list
}
