package store_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/store"
	"github.com/sovmeter/sovmeter/store/storetest"
)

func opener(path string) (storetest.Store, error) { return store.Open(path, store.Options{}) }

func TestContract(t *testing.T) { storetest.Run(t, opener) }

func TestCrash(t *testing.T) { storetest.Crash(t, opener) }
