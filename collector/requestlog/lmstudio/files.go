package lmstudio

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// logFile is one file of the sequence.
type logFile struct {
	path   string
	date   string // 2026-11-24
	number int    // of the day, from 1
}

// Files returns the log files under a server-logs folder, oldest first: by month
// folder, date, and number of the day. Whatever is not named like a log is left
// out, and so are links, which could lead anywhere. A folder without logs gives
// none and no error.
func Files(root string) ([]string, error) {
	months, err := os.ReadDir(root)
	if err != nil {
		return nil, fmt.Errorf("list logs of LM Studio: %w", err)
	}
	var all []logFile
	for _, m := range months {
		if !m.IsDir() || !isDate("2006-01", m.Name()) {
			continue
		}
		files, err := os.ReadDir(filepath.Join(root, m.Name()))
		if err != nil {
			return nil, fmt.Errorf("list logs of LM Studio: %w", err)
		}
		all = appendLogs(all, filepath.Join(root, m.Name()), files)
	}
	slices.SortFunc(all, func(a, b logFile) int {
		return cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(a.number, b.number))
	})
	paths := make([]string, len(all))
	for i, f := range all {
		paths[i] = f.path
	}
	return paths, nil
}

// appendLogs adds the logs among the files of one month's folder.
func appendLogs(all []logFile, dir string, files []fs.DirEntry) []logFile {
	for _, f := range files {
		date, number, ok := splitName(f.Name())
		if ok && f.Type().IsRegular() && strings.HasPrefix(date, filepath.Base(dir)) {
			all = append(all, logFile{filepath.Join(dir, f.Name()), date, number})
		}
	}
	return all
}

// splitName reads "2026-11-24.1.log".
func splitName(name string) (date string, number int, ok bool) {
	name, ok = strings.CutSuffix(name, ".log")
	if !ok {
		return "", 0, false
	}
	date, digits, ok := strings.Cut(name, ".")
	if !ok || !isDate(time.DateOnly, date) {
		return "", 0, false
	}
	number, err := strconv.Atoi(digits)
	return date, number, err == nil && number > 0 && strconv.Itoa(number) == digits
}

func isDate(layout, s string) bool {
	_, err := time.Parse(layout, s)
	return err == nil
}
