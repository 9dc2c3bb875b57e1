package signin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"huisboek/adapters/access"
	"huisboek/adapters/signin"
)

// BenchmarkPerson is what each request pays to know who asks, with a thousand others in.
func BenchmarkPerson(b *testing.B) {
	f, err := access.Open(b.TempDir()+"/access.db", key)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	people := make([]signin.Person, 1000)
	for i := range people {
		people[i] = signin.Person{Duty: signin.AccountManager, Partner: zwolle, Employee: fmt.Sprint("am-", i)}
	}
	d, err := signin.New(signin.Config{Key: key, People: f, Active: func(string) bool { return true }, OneClick: people})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/", nil)
	for _, p := range d.Ways().OneClick {
		w := httptest.NewRecorder()
		if err := d.OneClick(w, httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/", nil), p.ID); err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Cookie", w.Result().Cookies()[0].String())
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := d.Person(r); !ok {
			b.Fatal("out")
		}
	}
}
