package systemmeter

import (
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

func TestMQTTReadsEachDevice(t *testing.T) {
	for _, tc := range []struct {
		kind fake.MQTTKind
		watt energy.Watts
		// step is what the device counts in; a first-generation Shelly counts from
		// 0 at its start, and by the minute.
		step, first energy.Joules
		resolution  energy.Joules
	}{
		{kind: fake.MQTTShelly1, watt: 47.1, step: 60, first: 0, resolution: 47.1 * 60},
		{kind: fake.MQTTShelly2, watt: 47.1, step: 3.6, first: 7200 * 3600, resolution: 3.6},
		{kind: fake.MQTTTasmota, watt: 47, step: 3600, first: 7200 * 3600, resolution: 3600},
		{kind: fake.MQTTZigbee, watt: 47.1, step: 36e3, first: 7200 * 3600, resolution: 36e3},
		{kind: fake.MQTTJSON, watt: 47.1, step: 3.6, first: 7200 * 3600, resolution: 3.6},
	} {
		t.Run(string(tc.kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newMQTTBench(t, tc.kind, nil)
				defer b.close()
				if err := b.connect(); !errors.Is(err, ErrStale) {
					t.Fatalf("before the first message: %v, want ErrStale", err)
				}
				b.publish()
				at := time.Now()
				pass(3 * time.Second)
				r := b.read()
				if !r.At.Equal(at) || r.At.Location() != time.UTC || r.Lag != 3*time.Second {
					t.Errorf("at %v with lag %v, want %v in UTC and 3s", r.At, r.Lag, at.UTC())
				}
				if !r.HasPower || r.Power != tc.watt {
					t.Errorf("power %v (%v), want %v", r.Power, r.HasPower, tc.watt)
				}
				if !r.HasEnergy || math.Abs(float64(r.Energy-tc.first)) > 1e-6 {
					t.Errorf("counter %v (%v), want %v", r.Energy, r.HasEnergy, tc.first)
				}
				if math.Abs(float64(r.Resolution-tc.resolution)) > 1e-9*float64(tc.resolution) {
					t.Errorf("resolution %v, want %v", r.Resolution, tc.resolution)
				}
				if again := b.read(); again.At != r.At || again.Energy != r.Energy || again.Power != r.Power {
					t.Errorf("asked again: %+v, want %+v", again, r)
				}

				pass(57 * time.Second) // to the minute, and on
				b.joules += 360e3
				b.watts = 120
				b.publish()
				pass(time.Minute)
				b.publish()
				next := b.read()
				if drawn := next.Energy - r.Energy; math.Abs(float64(drawn-360e3)) > float64(tc.step) || next.Power != 120 {
					t.Errorf("drew %v at %v, want 360000 within %v at 120", drawn, next.Power, tc.step)
				}
			})
		})
	}
}

// A change of the power comes alone: no counter is dated to it.
func TestMQTTPowerAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMQTTBench(t, fake.MQTTShelly2, nil)
		defer b.close()
		_ = b.connect()
		b.publish()
		whole := time.Now()
		pass(30 * time.Second)
		b.watts, b.joules = 80, b.joules+1500
		b.must(b.device.PublishChange())
		synctest.Wait()
		changed := time.Now()
		if r := b.read(); r.HasPower || !r.HasEnergy || !r.At.Equal(whole) || r.Energy != 7200*3600 {
			t.Errorf("first %+v, want the counter alone, as of %v", r, whole)
		}
		if r := b.read(); !r.HasPower || r.HasEnergy || !r.At.Equal(changed) || r.Power != 80 {
			t.Errorf("then %+v, want 80 W alone, as of %v", r, changed)
		}
	})
}

func TestMQTTRetained(t *testing.T) {
	for _, kind := range fake.MQTTKinds() {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newMQTTBench(t, kind, nil)
				defer b.close()
				b.must(b.device.Publish(true))
				err := b.connect()
				if !errors.Is(err, ErrStale) || !strings.Contains(err.Error(), "of unknown age") {
					t.Fatalf("with a retained value only: %v, want ErrStale for its unknown age", err)
				}
				b.must(b.device.Publish(true)) // it is live for who listens already
				synctest.Wait()
				if r := b.read(); !r.HasPower || !r.At.Equal(time.Now()) {
					t.Errorf("got %+v, want the live value", r)
				}
			})
		})
	}
}

func TestMQTTOffline(t *testing.T) {
	for _, kind := range []fake.MQTTKind{fake.MQTTShelly1, fake.MQTTShelly2, fake.MQTTTasmota, fake.MQTTZigbee} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newMQTTBench(t, kind, nil)
				defer b.close()
				_ = b.connect()
				b.publish()
				b.must(b.device.Online(false))
				synctest.Wait()
				if err := b.fails(); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "offline") {
					t.Fatalf("offline: %v, want ErrUnavailable", err)
				}
				b.must(b.device.Online(true))
				b.publish()
				if r := b.read(); !r.HasPower {
					t.Errorf("online again: %+v, want a power", r)
				}
			})
		})
	}
}

// The will is retained: who connects to the broker later knows it at once.
func TestMQTTOfflineBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMQTTBench(t, fake.MQTTTasmota, nil)
		defer b.close()
		b.must(b.device.Online(false))
		if err := b.connect(); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("got %v, want ErrUnavailable", err)
		}
		b.publish() // who speaks is there, whatever the broker kept
		b.read()
		pass(time.Hour)
		if err := b.fails(); !errors.Is(err, ErrStale) {
			t.Errorf("an hour later: %v, want ErrStale", err)
		}
	})
}

func TestMQTTStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMQTTBench(t, fake.MQTTTasmota, nil)
		defer b.close()
		_ = b.connect()
		b.publish()
		b.read()
		pass(defaultsOf(KindMQTT).maxAge)
		b.read()
		pass(time.Second)
		if err := b.fails(); !errors.Is(err, ErrStale) || !strings.Contains(err.Error(), "TelePeriod") {
			t.Fatalf("got %v, want ErrStale and what to do", err)
		}
		b.publish()
		b.read()
	})
}

func TestMQTTBrokerRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMQTTBench(t, fake.MQTTShelly2, nil)
		defer b.close()
		_ = b.connect()
		b.publish()
		b.must(b.broker.Stop())
		synctest.Wait()
		if r := b.read(); !r.HasPower || !r.HasEnergy {
			t.Errorf("got %+v, want what came before the broker went", r)
		}
		if err := b.fails(); !errors.Is(err, ErrUnreachable) {
			t.Fatalf("without a broker: %v, want ErrUnreachable", err)
		}
		pass(10 * time.Minute)
		b.must(b.broker.Start())
		pass(mqttRetryMax + mqttHandshake)
		b.joules += 5000
		b.publish()
		if r := b.read(); math.Abs(float64(r.Energy-7200*3600-5000)) > 3.6 || !r.At.Equal(time.Now()) {
			t.Errorf("got %+v, want the new counter", r)
		}
	})
}

func TestMQTTWithoutBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMQTTBench(t, fake.MQTTShelly2, nil)
		b.must(b.broker.Stop())
		if err := b.fails(); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "127.0.0.1:1883") {
			t.Errorf("got %v, want ErrUnreachable and the address", err)
		}
		pass(5 * time.Minute) // the link now waits a minute
		begun := time.Now()
		b.close()
		if took := time.Since(begun); took != 0 {
			t.Errorf("closing took %v", took)
		}
		if err := b.fails(); !errors.Is(err, ErrUnreachable) {
			t.Errorf("after Close: %v, want ErrUnreachable", err)
		}
	})
}

const secret = "hunter2-do-not-print"

func TestMQTTAccess(t *testing.T) {
	with := func(user, password string) func(*Config, *fake.BrokerOptions) {
		return func(c *Config, o *fake.BrokerOptions) {
			c.User, c.Secret = user, NewSecret(password)
			o.User, o.Password = "sovmeter", secret
		}
	}
	synctest.Test(t, func(t *testing.T) {
		b := newMQTTBench(t, fake.MQTTZigbee, with("sovmeter", secret))
		defer b.close()
		_ = b.connect()
		b.publish()
		b.read()
	})
	for _, tc := range []struct{ name, user, password string }{
		{"wrong password", "sovmeter", secret + "x"}, {"wrong user", "other", secret}, {"nobody", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newMQTTBench(t, fake.MQTTZigbee, with(tc.user, tc.password))
				defer b.close()
				err := b.fails()
				var hinted *HintError
				if !errors.Is(err, ErrUnauthorized) || !errors.As(err, &hinted) {
					t.Fatalf("got %v, want ErrUnauthorized with a hint", err)
				}
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error holds the password: %v", err)
				}
			})
		})
	}
	t.Run("may not read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newMQTTBench(t, fake.MQTTZigbee, with("sovmeter", secret))
			defer b.close()
			b.broker.Deny(true)
			if err := b.fails(); !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), "access list") {
				t.Fatalf("got %v, want ErrUnauthorized", err)
			}
		})
	})
}

func TestMQTTFaults(t *testing.T) {
	for _, tc := range []struct {
		fault fake.Fault
		want  error
	}{
		{fake.Unavailable, ErrUnavailable},
		{fake.NotANumber, ErrFormat},
		{fake.Garbage, ErrFormat},
		{fake.Endless, ErrFormat},
	} {
		for _, kind := range fake.MQTTKinds() {
			t.Run(string(tc.fault)+"/"+string(kind), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newMQTTBench(t, kind, nil)
					defer b.close()
					_ = b.connect()
					b.device.SetFault(tc.fault)
					b.publish()
					if err := b.fails(); kind == fake.MQTTZigbee && tc.fault == fake.Unavailable {
						// null is how Zigbee2MQTT says that it knows nothing yet.
						if !errors.Is(err, ErrStale) {
							t.Errorf("got %v, want ErrStale", err)
						}
					} else if !errors.Is(err, tc.want) {
						t.Errorf("got %v, want %v", err, tc.want)
					}
					b.device.SetFault(fake.NoFault)
					b.publish()
					b.read()
				})
			})
		}
	}
}

// A broker that takes the connection and says nothing, and one that is left
// while it does so.
func TestMQTTSilentBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMQTTBench(t, fake.MQTTJSON, nil)
		b.must(b.broker.Stop())
		l, err := b.net.listen()
		b.must(err)
		held := make(chan struct{})
		go func() {
			defer close(held)
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				go func() { _, _ = c.Read(make([]byte, 1<<10)) }()
			}
		}()
		if err := b.fails(); !errors.Is(err, ErrTimeout) {
			t.Errorf("while it waits: %v, want ErrTimeout", err)
		}
		pass(mqttHandshake)
		synctest.Wait()
		if err := b.fails(); !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "TLS") {
			t.Errorf("later: %v, want ErrTimeout and what to check", err)
		}
		pass(4 * time.Second) // the next handshake has begun
		begun := time.Now()
		b.close()
		if took := time.Since(begun); took != 0 {
			t.Errorf("closing took %v", took)
		}
		l.Close()
		<-held
	})
}
