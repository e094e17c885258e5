package systemmeter

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-openapi/jsonpointer"
)

// freeTopics are those that a config names value by value. Both values may be
// in one topic.
func freeTopics(c Config) ([]mqttTopic, error) {
	var topics []mqttTopic
	if c.Power.Place != "" {
		t, err := freePower(c.Power)
		if err != nil {
			return nil, err
		}
		topics = append(topics, t)
	}
	if c.EnergyCounter.Place != "" {
		t, err := freeCounter(c.EnergyCounter)
		if err != nil {
			return nil, err
		}
		if len(topics) == 1 && topics[0].name == t.name {
			topics[0].parse = both(topics[0].parse, t.parse)
			return topics, nil
		}
		topics = append(topics, t)
	}
	return topics, nil
}

func freePower(p ValuePlace) (mqttTopic, error) {
	place, err := parseTopicPlace("power", p.Place)
	if err != nil {
		return mqttTopic{}, err
	}
	unit, err := parsePowerUnit(cmp.Or(p.Unit, "W"))
	if err != nil {
		return mqttTopic{}, err
	}
	unit *= powerUnit(cmp.Or(p.Scale, 1))
	return mqttTopic{name: place.topic, parse: func(payload []byte) (u mqttUpdate, err error) {
		text, err := place.text(payload)
		if err == nil {
			err = u.setPower(text, unit)
		}
		return u, err
	}}, nil
}

func freeCounter(p ValuePlace) (mqttTopic, error) {
	place, err := parseTopicPlace("energy", p.Place)
	if err != nil {
		return mqttTopic{}, err
	}
	unit, err := parseEnergyUnit(cmp.Or(p.Unit, "kWh"))
	if err != nil {
		return mqttTopic{}, err
	}
	unit *= energyUnit(cmp.Or(p.Scale, 1))
	return mqttTopic{name: place.topic, parse: func(payload []byte) (u mqttUpdate, err error) {
		text, err := place.text(payload)
		if err == nil {
			err = u.setEnergy(text, unit)
		}
		return u, err
	}}, nil
}

// both reads two values of one payload. One is enough.
func both(power, counter mqttParser) mqttParser {
	return func(payload []byte) (mqttUpdate, error) {
		p, errPower := power(payload)
		c, errCounter := counter(payload)
		if errPower != nil && errCounter != nil {
			return mqttUpdate{}, errors.Join(errPower, errCounter)
		}
		p.merge(c)
		return p, nil
	}
}

// topicPlace is a topic, and where in its payload the number is.
type topicPlace struct {
	topic   string
	json    bool
	pointer jsonpointer.Pointer
}

// parseTopicPlace reads topic, or topic#/json/pointer: no topic holds a #.
func parseTopicPlace(key, place string) (topicPlace, error) {
	topic, pointer, isJSON := strings.Cut(place, "#")
	if err := checkTopic(key, topic); err != nil {
		return topicPlace{}, err
	}
	p := topicPlace{topic: topic, json: isJSON}
	if !isJSON {
		return p, nil
	}
	var err error
	if p.pointer, err = jsonpointer.New(pointer); err != nil {
		return topicPlace{}, &KeyError{key, fmt.Sprintf("%q is no JSON pointer", pointer), "write it like plug/status#/values/power"}
	}
	return p, nil
}

// text returns the number in a payload as it was printed.
func (p topicPlace) text(payload []byte) (string, error) {
	if !p.json {
		return string(payload), nil
	}
	var document any
	numbers := json.NewDecoder(bytes.NewReader(payload))
	numbers.UseNumber()
	if err := numbers.Decode(&document); err != nil {
		return "", fmt.Errorf("no valid JSON: %w", ErrFormat)
	}
	value, _, err := p.pointer.Get(document)
	if err != nil {
		return "", fmt.Errorf("nothing at %s: %w", p.pointer.String(), ErrFormat)
	}
	switch v := value.(type) {
	case json.Number:
		return v.String(), nil
	case string:
		return v, nil
	case nil:
		return "", fmt.Errorf("null at %s: %w", p.pointer.String(), ErrUnavailable)
	}
	return "", fmt.Errorf("no number at %s: %w", p.pointer.String(), ErrFormat)
}
