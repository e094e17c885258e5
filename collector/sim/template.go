package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// template collects the parts of a document.
type template struct {
	parts []part
	text  strings.Builder // since the last value
}

// newDocument prepares the text of a chip's documents.
func newDocument(c Chip, boot time.Time) *document {
	t := &template{}
	t.head(c, boot)
	cpu, downs := 0, []bool(nil)
	t.lines("<key>processor</key>", "<dict>", "<key>clusters</key>", "<array>")
	for _, cl := range c.Clusters {
		t.cluster(cl, cpu)
		cpu += cl.CPUs
		for range cl.CPUs {
			downs = append(downs, cl.Down)
		}
	}
	t.lines("</array>")
	t.energies()
	t.lines("</dict>")
	t.key("thermal_pressure", "string", valueThermal, 0)
	t.gpu(c)
	t.lines("</dict>", "</plist>")
	parts := append(t.parts, part{text: t.text.String()})
	return &document{parts: parts, cores: make([]time.Duration, cpu), downs: downs, chip: c}
}

// fixed escapes text for a document.
func fixed(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// mhz prints a clock as the real that powermetrics prints in Hz.
func mhz(n int) string { return string(appendReal(nil, float64(n)*1e6)) }

// seconds prints a wall time as Unix seconds.
func seconds(t time.Time) string { return fmt.Sprint(t.Unix()) }

// lines adds fixed lines.
func (t *template) lines(lines ...string) {
	for _, l := range lines {
		t.text.WriteString(l)
		t.text.WriteByte('\n')
	}
}

// put adds a value after the text so far.
func (t *template) put(v value, index int) {
	t.parts = append(t.parts, part{text: t.text.String(), value: v, index: index})
	t.text.Reset()
}

// key adds a line with a key and a changing value.
func (t *template) key(name, kind string, v value, index int) {
	t.text.WriteString("<key>" + name + "</key><" + kind + ">")
	t.put(v, index)
	t.lines("</" + kind + ">")
}

// constant adds a line with a key and a value that never changes.
func (t *template) constant(name, kind, value string) {
	t.lines("<key>" + name + "</key><" + kind + ">" + value + "</" + kind + ">")
}

// head adds the lines before the samplers' own.
func (t *template) head(c Chip, boot time.Time) {
	t.lines(`<?xml version="1.0" encoding="UTF-8"?>`,
		`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">`,
		`<plist version="1.0">`, "<dict>", "<key>is_delta</key><true/>")
	t.key("elapsed_ns", "integer", valueElapsed, 0)
	t.constant("hw_model", "string", fixed(c.Model))
	t.constant("kern_osversion", "string", fixed(c.OSBuild))
	t.constant("kern_bootargs", "string", "")
	t.constant("kern_boottime", "integer", seconds(boot))
	t.key("timestamp", "date", valueTimestamp, 0)
}

// cluster adds one cluster whose first CPU has the number cpu.
func (t *template) cluster(c Cluster, cpu int) {
	t.lines("<dict>")
	t.constant("name", "string", fixed(c.Name))
	t.lines("<key>hw_resid_counters</key><true/>")
	t.constant("freq_hz", "real", mhz(c.MHz))
	t.key("idle_ns", "integer", valueClusterIdleNS, cpu)
	t.key("idle_ratio", "real", valueClusterIdleRatio, cpu)
	if c.Down {
		t.constant("down_ns", "integer", "0")
		t.constant("down_ratio", "real", "0")
	}
	t.step(c.MHz, valueClusterUsedNS, valueClusterUsedRatio, cpu)
	t.constant("online_ratio", "real", "1")
	t.lines("<key>cpus</key>", "<array>")
	for i := cpu; i < cpu+c.CPUs; i++ {
		t.cpu(c, i)
	}
	t.lines("</array>", "</dict>")
}

// cpu adds one CPU.
func (t *template) cpu(c Cluster, i int) {
	t.lines("<dict>")
	t.constant("cpu", "integer", strconv.Itoa(i))
	t.constant("freq_hz", "real", mhz(c.MHz))
	t.key("idle_ns", "integer", valueCPUIdleNS, i)
	t.key("idle_ratio", "real", valueCPUIdleRatio, i)
	if c.Down {
		t.key("down_ns", "integer", valueCPUDownNS, i)
		t.key("down_ratio", "real", valueCPUDownRatio, i)
	}
	t.step(c.MHz, valueCPUUsedNS, valueCPUUsedRatio, i)
	t.lines("</dict>")
}

// step adds a list of the one clock step that a CPU or a cluster has.
func (t *template) step(mhz int, ns, ratio value, index int) {
	t.lines("<key>dvfm_states</key>", "<array>")
	t.state(mhz, ns, ratio, index)
	t.lines("</array>")
}

// state adds one clock step.
func (t *template) state(mhz int, ns, ratio value, index int) {
	t.lines("<dict>")
	t.constant("freq", "integer", strconv.Itoa(mhz))
	t.key("used_ns", "integer", ns, index)
	t.key("used_ratio", "real", ratio, index)
	t.lines("</dict>")
}

// energies adds the rails, keys and values on lines of their own.
func (t *template) energies() {
	rail := func(name string, mj, mw value) {
		t.lines("<key>" + name + "_energy</key>")
		t.text.WriteString("<integer>")
		t.put(mj, 0)
		t.lines("</integer>", "<key>"+name+"_power</key>")
		t.text.WriteString("<real>")
		t.put(mw, 0)
		t.lines("</real>")
	}
	rail("cpu", valueCPUEnergy, valueCPUPower)
	rail("gpu", valueGPUEnergy, valueGPUPower)
	rail("ane", valueANEEnergy, valueANEPower)
	t.lines("<key>combined_power</key>")
	t.text.WriteString("<real>")
	t.put(valueCombinedPower, 0)
	t.lines("</real>")
}

// gpu adds the gpu sampler's part.
func (t *template) gpu(c Chip) {
	t.lines("<key>gpu</key>", "<dict>")
	t.key("freq_hz", "real", valueGPUHz, 0)
	t.key("idle_ns", "integer", valueGPUIdleNS, 0)
	t.key("idle_ratio", "real", valueGPUIdleRatio, 0)
	t.lines("<key>dvfm_states</key>", "<array>")
	for i, mhz := range c.GPUMHz {
		t.state(mhz, valueGPUUsedNS, valueGPUUsedRatio, i)
	}
	t.lines("</array>")
	t.key("idle_ns", "integer", valueGPUIdleNS, 0)
	t.key("idle_ratio", "real", valueGPUIdleRatio, 0)
	t.key("gpu_energy", "integer", valueGPUEnergyAgain, 0)
	t.lines("</dict>")
}
