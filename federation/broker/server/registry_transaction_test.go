package server_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"exfed/federation"
	"exfed/federation/broker/server"
)

func keepsProofs(t *testing.T, r server.Registry) {
	uri := server.URI{Name: "contoso.com", AppID: "A000000000000001", Proof: "proof", Attached: epoch(), ActiveFrom: epoch()}
	update(t, r, func(tx server.Tx) error {
		return errors.Join(tx.PutApp(app(uri.AppID)), tx.PutURI(uri),
			tx.PutProof("contoso.com", "proof", "first"), tx.PutProof("contoso.com", "Proof", "second"), tx.PutProof("fabrikam.com", "proof", "third"))
	})
	update(t, r, func(tx server.Tx) error {
		return errors.Join(tx.PutProof("contoso.com", "proof", "later"), tx.DeleteURI(uri.Name))
	})
	view(t, r, func(tx server.Tx) error {
		for _, c := range []struct{ domain, proof, want string }{
			{"contoso.com", "proof", "later"}, {"contoso.com", "Proof", "second"}, {"fabrikam.com", "proof", "third"},
			{"fabrikam.com", "Proof", ""}, {"none.example", "proof", ""}, {"contoso.com", "", ""},
		} {
			got, err := tx.ProofMaker(c.domain, c.proof)
			expect(t, "ProofMaker "+c.domain+" "+c.proof, got, true, err, c.want, true)
		}
		return nil
	})
}

func undoes(t *testing.T, r server.Registry) {
	cause := errors.New("cause")
	err := r.Update(t.Context(), func(tx server.Tx) error {
		return errors.Join(tx.PutApp(app("A000000000000001")), cause)
	})
	if !errors.Is(err, cause) {
		t.Errorf("the error is %v", err)
	}
	expectEmpty(t, r)
}

func undoesPanic(t *testing.T, r server.Registry) {
	func() {
		defer func() { _ = recover() }()
		_ = r.Update(t.Context(), func(tx server.Tx) error {
			_ = tx.PutApp(app("A000000000000001"))
			panic("a bug")
		})
	}()
	expectEmpty(t, r)
}

func expectEmpty(t *testing.T, r server.Registry) {
	t.Helper()
	view(t, r, func(tx server.Tx) error {
		got, found, err := tx.App("A000000000000001")
		expect(t, "App", got, found, err, server.App{}, false)
		return nil
	})
}

func needsApp(t *testing.T, r server.Registry) {
	writes := []func(tx server.Tx) error{
		func(tx server.Tx) error { return tx.PutURI(server.URI{Name: "x", AppID: "none"}) },
		func(tx server.Tx) error { return tx.PutNamespace(server.Namespace{Name: "x", AppID: "none"}) },
		func(tx server.Tx) error { return tx.AddMove(server.Move{Domain: "x", To: "none"}) },
	}
	for i, write := range writes {
		if err := r.Update(t.Context(), write); err == nil {
			t.Errorf("write %d for an AppID that does not exist succeeded", i)
		}
	}
}

func losesNone(t *testing.T, r server.Registry) {
	const workers, each = 8, 25
	const appID = "A000000000000001"
	update(t, r, func(tx server.Tx) error { return tx.PutApp(app(appID)) })
	count := func(tx server.Tx) error { // reads, then writes what it read plus one
		a, _, err := tx.App(appID)
		if err != nil {
			return err
		}
		a.Properties = append(a.Properties, federation.Property{Name: fmt.Sprint(len(a.Properties))})
		return tx.PutApp(a)
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				if err := r.Update(context.WithoutCancel(t.Context()), count); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	view(t, r, func(tx server.Tx) error {
		a, _, err := tx.App(appID)
		expect(t, "updates", len(a.Properties), true, err, workers*each, true)
		return nil
	})
}
