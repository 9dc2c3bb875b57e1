package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"huisboek/adapters/client"
	"huisboek/ledger"
)

// One event, and what to do with each kind of answer.
func ExampleHTTP() {
	sender, err := client.HTTP("https://huisboek.voorbeeld.invalid", os.Getenv("HUISBOEK_TOKEN"), client.HTTPOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer sender.Close()

	event := []byte(`{ "specversion": "1.0", … }`)
	receipt, err := sender.Send(context.Background(), event)
	var refused ledger.Problem
	switch after, again := client.Retry(err); {
	case err == nil:
		fmt.Println("recorded at position", receipt.Position, receipt.Outcome)
	case again:
		fmt.Println("not now: offer the same event again, not before", after)
	case errors.As(err, &refused):
		for _, f := range refused.Faults {
			fmt.Println(f.Field, f.Sentence.NL)
		}
	default:
		log.Fatal(err)
	}
}

// A program that emits what its users do, and keeps it while the line is down.
func ExampleOutbox() {
	dir, err := os.MkdirTemp("", "voorbeeld")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx, stop := context.WithCancel(context.Background())

	outbox, err := client.Open(filepath.Join(dir, "outbox.db"), client.Options{
		Check: true,
		OnReceipt: func(_ []byte, r *ledger.Receipt) error {
			fmt.Println(r.ID, "is recorded at position", r.Position)
			if r.ID == "4712" {
				stop() // so that the example ends
			}
			return nil
		},
		OnRefused: func(r client.Refusal) error {
			fmt.Println(r.Number, "was refused:", r.Problem.Title)
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer outbox.Close()

	for _, id := range []string{"4711", "4712"} {
		event := fmt.Appendf(nil, `{
			"specversion": "1.0", "id": %q,
			"source": "urn:nld:oin:00000099000000001000:systeem:crm",
			"type": "nl.werkgeversdiensten.bezoek-afgelegd.v1",
			"data": {"kvkNummer": "69599084", "datum": "2026-01-20", "doel": "vacature", "vorm": "op-locatie"}
		}`, id)
		if err := outbox.Put(event); err != nil { // from here on it cannot be lost
			log.Fatal(err)
		}
	}
	var sender client.Sender = &book{} // client.HTTP or client.DialNATS in a real program
	if err := outbox.Run(ctx, sender); !errors.Is(err, context.Canceled) {
		log.Print(err) // somebody has to look: a new token, room on the disk; then Run again
	}
	// Output:
	// 4711 is recorded at position 3
	// 4712 is recorded at position 4
}
