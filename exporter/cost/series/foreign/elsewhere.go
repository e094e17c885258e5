package foreign

import (
	"fmt"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// readAmber reads /prices and /usage of Amber Electric's API
// (https://app.amber.com.au/developers/documentation): intervals of 5 or 30
// minutes with perKwh, the full price in Australian cents with GST. startTime is a
// second after the true start. Only the general channel is what a machine uses;
// feedIn is earned, controlledLoad is a boiler's. A forecast is no price, nor is
// the interval that is still running.
func readAmber(s *source) error {
	s.name, s.vat, s.measure = "Amber Electric", series.VATIncluded, price("AUD", -2)
	return walkJSON(s.lines, visitor{object: func(o *object) error {
		if !o.has("perKwh") || !o.has("startTime") {
			return nil
		}
		if channel, _ := o.get("channelType"); channel != "general" {
			s.skip("intervals of other channels than general")
			return nil
		}
		if kind, _ := o.get("type"); kind != "ActualInterval" && kind != "Usage" {
			s.skip("intervals that are not over yet")
			return nil
		}
		return s.amber(o)
	}})
}

func (s *source) amber(o *object) error {
	from, _ := o.get("startTime")
	to, _ := o.get("endTime")
	text, _ := o.get("perKwh")
	start, err := parseStamp(from)
	if err != nil {
		return &LineError{o.line, fmt.Errorf("startTime: %w", err)}
	}
	end, err := parseStamp(to)
	if err != nil {
		return &LineError{o.line, fmt.Errorf("endTime: %w", err)}
	}
	amount, err := parseDecimal(text)
	if err != nil {
		return &LineError{o.line, fmt.Errorf("perKwh: %w", err)}
	}
	if start.seconds%60 == 1 {
		start.seconds--
	}
	return s.add(start, end, amount, o.line)
}

// readComEd reads the feed of 5-minute prices of https://hourlypricing.comed.com:
// an array of millisUTC and price, in cents without tax, both as text. The time is
// taken for the end of the five minutes. That is not said in so many words: the
// example of https://hourlypricing.elevatenp.org/hp-api asks for 11:05 to 12:00,
// both with it, which are twelve prices and an hour if it is the end, and programs
// that read the feed differ. A wrong guess moves one of the twelve to the next hour.
// Customers pay by the hour, so the mean of the hour is what holds; an hour of which
// a price is missing is not known. The feed of the last day begins and ends amid an
// hour: it wants to be imported more than once a day.
func readComEd(s *source) error {
	if err := s.market("ComEd, hourly means of 5-minute prices"); err != nil {
		return err
	}
	s.measure, s.hourly = price("USD", -2), true
	return walkJSON(s.lines, visitor{object: func(o *object) error {
		if !o.has("millisUTC") || !o.has("price") {
			return nil
		}
		millis, _ := o.get("millisUTC")
		end, err := parseUnix(millis, 1000)
		if err != nil {
			return &LineError{o.line, fmt.Errorf("millisUTC: %w", err)}
		}
		text, _ := o.get("price")
		amount, err := parseDecimal(text)
		if err != nil {
			return &LineError{o.line, fmt.Errorf("price: %w", err)}
		}
		return s.add(stamp{seconds: end.seconds - 300}, end, amount, o.line)
	}})
}
