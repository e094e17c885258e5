package systemmeter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// shelly is a plug or meter of Shelly, of any generation.
//
// Sources: the makers' API pages (shelly-api-docs.shelly.cloud, gen1 and gen2,
// read at firmware 1.12 of the first and 1.4 of the second generation), and
// answers of real devices in evcc's tests (evcc-io/evcc meter/shelly).
// Device time stamps are not read: those of the first generation are local time
// in the form of Unix time, and none says how old the values are.
type shelly struct {
	config Config
	client *client
	// info is the device's description; nil until /shelly has told it.
	info *shellyInfo
	// read is that of the device's generation; nil until that is known.
	read func(context.Context) (Reading, error)
}

func newShelly(c Config, _ Options, client *client) (Meter, error) {
	return &shelly{config: c, client: client}, nil
}

func (m *shelly) Name() string             { return m.config.Name }
func (m *shelly) Scope() attribution.Scope { return attribution.ScopeWall }
func (m *shelly) Close() error             { return m.client.close() }

func (m *shelly) Read(ctx context.Context) (Reading, error) {
	err := m.detect(ctx)
	var r Reading
	if err == nil {
		r, err = m.read(ctx)
	}
	for _, other := range []error{ErrStatus, ErrUnauthorized, ErrFormat, ErrConfig} {
		if errors.Is(err, other) {
			m.info, m.read = nil, nil // another device may have the address by now
		}
	}
	return r, err
}

// detect finds out how the device is read. What a slow device has told of it so
// far is kept until the next time.
func (m *shelly) detect(ctx context.Context) error {
	if m.info == nil {
		info, err := m.describe(ctx)
		if err != nil {
			return err
		}
		m.info = &info
	}
	if m.read != nil {
		return nil
	}
	if m.info.Gen < 2 {
		m.read = m.gen1(*m.info)
		return nil
	}
	read, err := m.gen2(ctx)
	m.read = read
	return err
}

// describe asks which generation the device is of. /shelly is free to all, on
// devices with a password too.
func (m *shelly) describe(ctx context.Context) (shellyInfo, error) {
	got, err := m.client.get(ctx, nil, "shelly")
	if errors.Is(err, ErrStatus) {
		return shellyInfo{}, hint(err, "the device at this address is no Shelly")
	}
	if err != nil {
		return shellyInfo{}, err
	}
	info, err := parseShellyInfo(got.Body)
	if err == nil && info.locked() && !m.config.Secret.Known() {
		err = hint(fmt.Errorf("the device has a password: %w", ErrUnauthorized), "give it as this meter's secret")
	}
	return info, err
}

// shellyInfo is the answer to /shelly.
type shellyInfo struct {
	Gen     int    `json:"gen"` // not there in the first generation
	Type    string `json:"type"`
	ID      string `json:"id"`
	MAC     string `json:"mac"`
	Auth    bool   `json:"auth"`    // of the first generation
	AuthOn  bool   `json:"auth_en"` // of the later ones
	Profile string `json:"profile"`
}

func (i shellyInfo) locked() bool { return i.Auth || i.AuthOn }

func parseShellyInfo(body []byte) (shellyInfo, error) {
	var info shellyInfo
	if json.Unmarshal(body, &info) != nil || info.MAC == "" || info.Gen < 2 && info.Type == "" {
		return shellyInfo{}, hint(fmt.Errorf("no Shelly's description: %w", ErrFormat), "the device at this address is no Shelly")
	}
	return info, nil
}
