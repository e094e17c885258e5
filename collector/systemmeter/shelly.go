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
	// read is that of the device's generation; nil until /shelly has told it.
	read func(context.Context) (Reading, error)
}

func newShelly(c Config, _ Options, client *client) (Meter, error) {
	return &shelly{config: c, client: client}, nil
}

func (m *shelly) Name() string             { return m.config.Name }
func (m *shelly) Scope() attribution.Scope { return attribution.ScopeWall }
func (m *shelly) Close() error             { return m.client.close() }

func (m *shelly) Read(ctx context.Context) (Reading, error) {
	if m.read == nil {
		read, err := m.detect(ctx)
		if err != nil {
			return Reading{}, err
		}
		m.read = read
	}
	r, err := m.read(ctx)
	if errors.Is(err, ErrStatus) || errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrFormat) {
		m.read = nil // another device may have the address by now
	}
	return r, err
}

// detect asks which generation the device is of. /shelly is free to all, on
// devices with a password too.
func (m *shelly) detect(ctx context.Context) (func(context.Context) (Reading, error), error) {
	got, err := m.client.get(ctx, nil, "shelly")
	if errors.Is(err, ErrStatus) {
		return nil, hint(err, "the device at this address is no Shelly")
	}
	if err != nil {
		return nil, err
	}
	info, err := parseShellyInfo(got.Body)
	if err != nil {
		return nil, err
	}
	if info.locked() && !m.config.Secret.Known() {
		return nil, hint(fmt.Errorf("the device has a password: %w", ErrUnauthorized), "give it as this meter's secret")
	}
	if info.Gen < 2 {
		return m.gen1(info), nil
	}
	return m.gen2(ctx)
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
