package browser_test

import (
	"bytes"
	"context"
	"fmt"
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
	c, err := signedIn(who)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func signedIn(who person) (*client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := &client{Client: &http.Client{Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
	if who == nobody {
		return c, nil
	}
	page, err := c.fetch(context.Background(), "/inloggen")
	if err != nil {
		return nil, err
	}
	for _, button := range whoButton.FindAllStringSubmatch(page.body, -1) {
		if strings.Contains(html.UnescapeString(button[2]), string(who)) {
			r, err := c.send(form(context.Background(), "/inloggen/als", url.Values{"wie": {button[1]}}))
			if err == nil && r.StatusCode != http.StatusSeeOther {
				err = fmt.Errorf("signing in as %s: %s", who, r.Status)
			}
			return c, err
		}
	}
	return nil, fmt.Errorf("nobody can sign in as %q:\n%s", who, page.body)
}

func (c *client) fetch(ctx context.Context, path string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, house.url+path, nil)
	if err != nil {
		return answer{}, err
	}
	return c.send(r)
}

func (c *client) get(t *testing.T, path string) answer {
	t.Helper()
	a, err := c.fetch(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// form is a form as a page of the house sends it.
func form(ctx context.Context, path string, fields url.Values) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, house.url+path, strings.NewReader(fields.Encode()))
	if err != nil {
		panic(err) // the address of the house is one
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

func (c *client) post(t *testing.T, path string, fields url.Values) answer {
	t.Helper()
	a, err := c.send(form(t.Context(), path, fields))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// tell sends an event to the API, as a partner's system does.
func (c *client) tell(t *testing.T, event []byte) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, house.url+"/v1/gebeurtenissen", bytes.NewReader(event))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/cloudevents+json")
	a, err := c.send(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (c *client) send(r *http.Request) (answer, error) {
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	return answer{response, string(b)}, err
}
