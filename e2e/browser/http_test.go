package browser_test

import (
	"bytes"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// client is somebody signed in without a browser: for the other side of what is looked
// at, and for a hundred pages at a time.
type client struct {
	*http.Client
	token string // for the API, instead of the cookie
}

// answer is what a page was answered with.
type answer struct {
	*http.Response
	body string
}

var whoButton = regexp.MustCompile(`(?s)<button name="wie" value="([^"]*)">(.*?)</button>`)

// signIn is the sign-in page's click without a browser. It does not follow where it is
// sent to afterwards.
func signIn(t *testing.T, who person) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{Client: &http.Client{Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
	if who == nobody {
		return c
	}
	page := c.get(t, "/inloggen").body
	for _, button := range whoButton.FindAllStringSubmatch(page, -1) {
		if strings.Contains(html.UnescapeString(button[2]), string(who)) {
			if r := c.post(t, "/inloggen/als", url.Values{"wie": {button[1]}}); r.StatusCode != http.StatusSeeOther {
				t.Fatalf("signing in as %s: %s", who, r.Status)
			}
			return c
		}
	}
	t.Fatalf("nobody can sign in as %q:\n%s", who, page)
	return nil
}

func (c *client) get(t *testing.T, path string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, house.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.send(t, r)
}

// post sends a form as a page of the house does.
func (c *client) post(t *testing.T, path string, form url.Values) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, house.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.send(t, r)
}

// tell sends an event to the API, as a partner's system does.
func (c *client) tell(t *testing.T, event []byte) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, house.url+"/v1/gebeurtenissen", bytes.NewReader(event))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/cloudevents+json")
	return c.send(t, r)
}

func (c *client) send(t *testing.T, r *http.Request) answer {
	t.Helper()
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response, string(b)}
}
