package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

const (
	// maxCalibration bounds the body of a calibration.
	maxCalibration = 64 << 10
	// madeAhead is how far in the future a calibration may be made: clocks are set.
	// One of next year would outdate all that are made until then.
	madeAhead = time.Hour
)

// CalibrationSink keeps calibrations; a store is one.
type CalibrationSink interface {
	AddCalibration(ctx context.Context, c attribution.Calibration) error
}

// calibrationBody is what a client puts. Its version tells a program apart whose
// calibrations have other fields.
type calibrationBody struct {
	Version     int                     `json:"version"`
	Calibration attribution.Calibration `json:"calibration"`
}

func (s settings) serveCalibration(w http.ResponseWriter, r *http.Request) {
	if s.sink == nil {
		reject(w, http.StatusNotImplemented, errors.New("this daemon takes no calibrations"), "it answers from a store that it cannot write")
		return
	}
	c, err := readCalibration(http.MaxBytesReader(w, r.Body, maxCalibration))
	if err == nil {
		err = s.checkCalibration(c)
	}
	if err != nil {
		status := http.StatusBadRequest
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			status = http.StatusRequestEntityTooLarge
		}
		reject(w, status, err, "")
		return
	}
	if err := s.sink.AddCalibration(r.Context(), c); err != nil {
		status := http.StatusInternalServerError
		if errors.Is(err, store.ErrInvalid) {
			status = http.StatusBadRequest
		}
		reject(w, status, err, "")
		return
	}
	if s.added != nil {
		s.added(c)
	}
	respond(w, http.StatusOK, answer{Version: Version})
}

// readCalibration reads a body of this version with nothing in it that is not
// known, and nothing after it.
func readCalibration(body io.Reader) (attribution.Calibration, error) {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	var b calibrationBody
	if err := d.Decode(&b); err != nil {
		return attribution.Calibration{}, fmt.Errorf("read calibration: %w", err)
	}
	if b.Version != Version {
		return attribution.Calibration{}, fmt.Errorf("read calibration: version %d, want %d", b.Version, Version)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return attribution.Calibration{}, errors.New("read calibration: more follows it")
	}
	b.Calibration.Made = b.Calibration.Made.UTC()
	return b.Calibration, nil
}

func (s settings) checkCalibration(c attribution.Calibration) error {
	if err := store.CheckCalibration(c); err != nil {
		return err
	}
	if c.Kind != attribution.CalibrationLadder {
		return fmt.Errorf("calibration of %s: of the kind %s, which is the daemon's own", stamp(c.Made), c.Kind)
	}
	if now := s.now(); c.Made.After(now.Add(madeAhead)) {
		return fmt.Errorf("calibration of %s: that is in the future, it is %s", stamp(c.Made), stamp(now))
	}
	return nil
}

// PutCalibration has the daemon store a calibration, and go by it from now on.
// Its errors are those of Range; a RemoteError with status 400 says what cannot
// be true of the calibration, one with 501 that the daemon takes none.
func (c *Client) PutCalibration(ctx context.Context, calibration attribution.Calibration) error {
	if err := checkPath(c.path); err != nil {
		return err
	}
	body, err := json.Marshal(calibrationBody{Version: Version, Calibration: calibration})
	if err != nil {
		return fmt.Errorf("encode calibration: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, ErrNotAnswering)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://sovmeter"+calibrationPath, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask daemon at %s: %w", c.path, err)
	}
	req.Header.Set("Content-Type", jsonType)
	res, err := c.http.Do(req)
	if err != nil {
		return c.explain(ctx, err)
	}
	defer res.Body.Close()
	a, err := c.answer(ctx, res)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return &RemoteError{Message: a.Error, Advice: a.Hint, Status: res.StatusCode}
	}
	return nil
}
