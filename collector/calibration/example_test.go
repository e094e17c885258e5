package calibration_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// The worked example of the package's documentation.
func ExampleFit() {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	block := func(cpu, gpu, whole energy.Watts) calibration.Block {
		at = at.Add(time.Minute)
		return calibration.Block{Start: at, End: at.Add(30 * time.Second), CPU: cpu, GPU: gpu, Whole: whole}
	}
	c, err := calibration.Fit([]calibration.Block{
		block(0.1, 0.05, 6.22), block(2, 10, 27.5), block(2, 14, 35.1), block(24, 0.1, 36.19), block(6, 0.1, 13.69),
	}, calibration.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f W + %.2f CPU + %.2f GPU\n", c.Base, c.CPU, c.GPU)

	hour := calibration.Stretch{Length: time.Hour, CPU: energy.Watts(2).For(time.Hour), GPU: energy.Watts(12).For(time.Hour)}
	told := c.Power(2, 12, 0).For(time.Hour)
	for _, age := range []time.Duration{0, 30 * 24 * time.Hour} {
		fmt.Printf("%.1f Wh, give or take %.1f\n", told.WattHours(), calibration.Error(c, hour, age, 0.01).WattHours())
	}
	// Output:
	// 6.00 W + 1.25 CPU + 1.90 GPU
	// 31.3 Wh, give or take 0.6
	// 31.3 Wh, give or take 0.9
}

func ExampleRefusedError() {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	var blocks []calibration.Block
	for i := range 8 {
		blocks = append(blocks, calibration.Block{
			Start: at, End: at.Add(30 * time.Second), CPU: 2, GPU: energy.Watts(3 * i), Whole: 4,
		})
	}
	_, err := calibration.Fit(blocks, calibration.Options{})
	var refused *calibration.RefusedError
	if errors.As(err, &refused) {
		fmt.Println(err)
		fmt.Println(refused.Hint())
	}
	// Output:
	// fit calibration: the meter shows 4.0 W in the mean, and the chip alone draws 12.5 W
	// check that this meter is the one the Mac is plugged into, and its unit (W, not kW or VA)
}
