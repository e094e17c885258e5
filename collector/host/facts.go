package host

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/host"
)

// Facts describe the machine. They hold nothing that names it or its owner.
type Facts struct {
	Boot      time.Time // UTC, to the second
	Chip      string    // such as "Apple M4 Pro"; empty when not known
	Model     string    // such as "Mac16,8"; empty when not known
	OS        string    // as Go names it: darwin, linux
	OSVersion string    // such as "26.5"; empty when not known
	Cores     int       // logical; 0 when not known
}

// ReadFacts reads the facts through gopsutil. On macOS it runs sw_vers once.
func ReadFacts(ctx context.Context) (Facts, error) {
	boot, err := host.BootTimeWithContext(ctx)
	if err != nil {
		return Facts{}, fmt.Errorf("read the boot time: %w", err)
	}
	f := Facts{Boot: time.Unix(int64(boot), 0).UTC(), OS: runtime.GOOS, Model: hardwareModel()}
	if _, _, version, err := host.PlatformInformationWithContext(ctx); err == nil {
		f.OSVersion = version
	}
	if infos, err := cpu.InfoWithContext(ctx); err == nil && len(infos) > 0 {
		f.Chip = infos[0].ModelName
	}
	if cores, err := cpu.CountsWithContext(ctx, true); err == nil {
		f.Cores = cores
	}
	return f, nil
}
