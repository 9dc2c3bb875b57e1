package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nkeys"

	"huisboek/adapters/natsserver"
)

// The attacks for which a NATS client is too polite.

// wire is a bare connection to the listener.
type wire struct {
	t     *testing.T
	c     net.Conn
	r     *bufio.Reader
	nonce string
}

func (a *arena) wire(t *testing.T) *wire {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(a.h.natsURL(), "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, c: c, r: bufio.NewReader(c)}
	line, err := w.r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Nonce string `json:"nonce"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "INFO ")), &info); err != nil || info.Nonce == "" {
		t.Fatalf("%s: %v", line, err)
	}
	w.nonce = info.Nonce
	return w
}

// say writes and gives the lines that come back until the answer to a PING, or
// until the connection ends. To be cut off while writing is an end too.
func (w *wire) say(text string) (lines []string, open bool) {
	w.t.Helper()
	w.c.Write([]byte(text + "PING\r\n"))
	for {
		line, err := w.r.ReadString('\n')
		if err != nil {
			var slow net.Error
			if errors.As(err, &slow) && slow.Timeout() {
				w.t.Error("neither an answer nor an end")
			}
			return lines, false
		}
		if line == "PONG\r\n" {
			return lines, true
		}
		lines = append(lines, strings.TrimSpace(line))
	}
}

func (w *wire) connect(options map[string]any) (lines []string, open bool) {
	w.t.Helper()
	b, err := json.Marshal(options)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.say("CONNECT " + string(b) + "\r\n")
}

// sign answers the server's nonce.
func (w *wire) sign(kp nkeys.KeyPair) string {
	w.t.Helper()
	signature, err := kp.Sign([]byte(w.nonce))
	if err != nil {
		w.t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(signature)
}

// secrets are what stands in a .creds file.
func secrets(t *testing.T, creds string) (token string, user nkeys.KeyPair) {
	t.Helper()
	token, err := nkeys.ParseDecoratedJWT([]byte(creds))
	if err != nil {
		t.Fatal(err)
	}
	if user, err = nkeys.ParseDecoratedUserNKey([]byte(creds)); err != nil {
		t.Fatal(err)
	}
	return token, user
}

// forge is a user JWT with some of its claims changed, signed by whoever.
func forge(t *testing.T, token string, by nkeys.KeyPair, change func(claims, nats map[string]any)) string {
	t.Helper()
	parts := strings.Split(token, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	change(claims, claims["nats"].(map[string]any))
	if payload, err = json.Marshal(claims); err != nil {
		t.Fatal(err)
	}
	text := parts[0] + "." + base64.RawURLEncoding.EncodeToString(payload)
	if by == nil {
		return text + "." + parts[2]
	}
	signature, err := by.Sign([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func publicOf(kp nkeys.KeyPair) string {
	public, _ := kp.PublicKey()
	return public
}

// connectRows want to be let in.
func connectRows() (rows []row) {
	add := func(name string, options func(t *testing.T, a *arena, w *wire) map[string]any) {
		rows = append(rows, row{name: "connect/" + name, do: func(t *testing.T, a *arena) func() {
			w := a.wire(t)
			if lines, open := w.connect(options(t, a, w)); open || len(lines) == 0 {
				t.Errorf("let in: %q", lines)
			}
			return nil
		}})
	}
	// jwt connects with a token that is made of P's, and a signature by P's key.
	jwt := func(name string, token func(t *testing.T, a *arena, own string, user nkeys.KeyPair) string) {
		add(name, func(t *testing.T, a *arena, w *wire) map[string]any {
			own, user := secrets(t, a.p.Creds)
			return map[string]any{"jwt": token(t, a, own, user), "sig": w.sign(user), "nkey": publicOf(user)}
		})
	}
	fixed := func(options map[string]any) func(*testing.T, *arena, *wire) map[string]any {
		return func(*testing.T, *arena, *wire) map[string]any { return options }
	}
	account, _ := nkeys.CreateAccount()
	operator, _ := nkeys.CreateOperator()
	stranger, _ := nkeys.CreateUser()
	widen := func(_, n map[string]any) {
		n["pub"], n["sub"] = map[string]any{"allow": []string{">"}}, map[string]any{"allow": []string{">"}}
	}

	add("anonymous", fixed(map[string]any{"verbose": false}))
	add("wrong password", fixed(map[string]any{"user": "partner", "pass": "geheim"}))
	add("empty password", fixed(map[string]any{"user": "", "pass": ""}))
	add("token", fixed(map[string]any{"auth_token": "geheim"}))
	add("user sys", fixed(map[string]any{"user": "sys", "pass": "sys", "account": "$SYS"}))
	add("account of another", func(_ *testing.T, a *arena, _ *wire) map[string]any {
		return map[string]any{"account": a.keyQ, "name": "Q", "new_account": true}
	})
	add("as a route", fixed(map[string]any{"name": "huisboek", "cluster": "huisboek", "server_id": "x", "tls_required": false}))
	add("as a leafnode", fixed(map[string]any{"name": "x", "remote_account": "x", "is_leaf": true, "export": map[string]any{"pub": ">"}}))
	add("nkey without JWT", func(t *testing.T, a *arena, w *wire) map[string]any {
		_, user := secrets(t, a.p.Creds)
		return map[string]any{"nkey": publicOf(user), "sig": w.sign(user)}
	})
	add("JWT without signature", func(t *testing.T, a *arena, _ *wire) map[string]any {
		token, _ := secrets(t, a.p.Creds)
		return map[string]any{"jwt": token}
	})
	add("JWT with a stranger's key", func(t *testing.T, a *arena, w *wire) map[string]any {
		token, _ := secrets(t, a.p.Creds)
		return map[string]any{"jwt": token, "sig": w.sign(stranger)}
	})
	add("JWT of another with one's own key", func(t *testing.T, a *arena, w *wire) map[string]any {
		token, _ := secrets(t, a.q.Creds)
		_, user := secrets(t, a.p.Creds)
		return map[string]any{"jwt": token, "sig": w.sign(user)}
	})
	add("signature of another moment", func(t *testing.T, a *arena, _ *wire) map[string]any {
		token, user := secrets(t, a.p.Creds)
		return map[string]any{"jwt": token, "sig": a.wire(t).sign(user)}
	})
	add("proxy's signature", func(t *testing.T, a *arena, w *wire) map[string]any {
		token, user := secrets(t, a.p.Creds)
		return map[string]any{"jwt": token, "proxy_sig": w.sign(user)}
	})
	add("expired JWT", func(t *testing.T, a *arena, w *wire) map[string]any {
		_, creds, err := natsserver.Creds(a.h.accountsOf(a.p.Partner)[0].Seed, "P", time.Now().Add(-time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		token, user := secrets(t, string(creds))
		return map[string]any{"jwt": token, "sig": w.sign(user)}
	})
	jwt("JWT of an account of one's own", func(t *testing.T, _ *arena, own string, _ nkeys.KeyPair) string {
		return forge(t, own, account, func(c, _ map[string]any) { c["iss"] = publicOf(account) })
	})
	jwt("JWT in another's account, signed by one's own", func(t *testing.T, a *arena, own string, _ nkeys.KeyPair) string {
		return forge(t, own, account, func(c, n map[string]any) { c["iss"], n["issuer_account"] = publicOf(account), a.keyQ })
	})
	jwt("JWT that names another's account as issuer", func(t *testing.T, a *arena, own string, _ nkeys.KeyPair) string {
		return forge(t, own, account, func(c, _ map[string]any) { c["iss"] = a.keyQ })
	})
	jwt("JWT signed by one's user key, permissions widened", func(t *testing.T, _ *arena, own string, user nkeys.KeyPair) string {
		return forge(t, own, user, func(c, n map[string]any) { c["iss"] = publicOf(user); widen(c, n) })
	})
	jwt("JWT with permissions widened, signature as it was", func(t *testing.T, _ *arena, own string, _ nkeys.KeyPair) string {
		return forge(t, own, nil, widen)
	})
	jwt("JWT signed by an operator of one's own", func(t *testing.T, _ *arena, own string, _ nkeys.KeyPair) string {
		return forge(t, own, operator, func(c, _ map[string]any) { c["iss"] = publicOf(operator) })
	})
	jwt("JWT of an account instead of a user", func(t *testing.T, a *arena, own string, _ nkeys.KeyPair) string {
		return forge(t, own, account, func(c, n map[string]any) { c["sub"], c["iss"], n["type"] = a.keyQ, publicOf(account), "account" })
	})
	jwt("JWT without an algorithm", func(_ *testing.T, _ *arena, own string, _ nkeys.KeyPair) string {
		parts := strings.Split(own, ".")
		return base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"none"}`)) + "." + parts[1] + "."
	})
	jwt("JWT that is none", func(*testing.T, *arena, string, nkeys.KeyPair) string { return "a.b.c" })
	jwt("JWT with an issuer that is no key", func(t *testing.T, _ *arena, own string, user nkeys.KeyPair) string {
		return forge(t, own, user, func(c, _ map[string]any) { c["iss"] = "A" })
	})
	// Its account's own key makes one that needs no signature; the account forbids them.
	add("bearer JWT", func(t *testing.T, a *arena, _ *wire) map[string]any {
		own, _ := secrets(t, a.p.Creds)
		key, err := nkeys.FromSeed([]byte(a.h.accountsOf(a.p.Partner)[0].Seed))
		if err != nil {
			t.Fatal(err)
		}
		return map[string]any{"jwt": forge(t, own, key, func(_, n map[string]any) { n["bearer_token"] = true })}
	})
	for name, bytes := range map[string]string{
		"as MQTT":              "\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04evil",
		"as WebSocket":         "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		"as TLS":               "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n",
		"without CONNECT":      "SUB > 1\r\nPUB in.x.melden 2\r\nhi\r\n",
		"CONNECT that is none": "CONNECT {\"jwt\":\r\n",
		"CONNECT of arrays":    "CONNECT [[[[]]]]\r\n",
		"CONNECT without end":  "CONNECT {\"jwt\":\"" + strings.Repeat("x", 100_000) + "\"}\r\n",
	} {
		rows = append(rows, row{name: "connect/" + name, do: func(t *testing.T, a *arena) func() {
			if lines, open := a.wire(t).say(bytes); open {
				t.Errorf("let in: %q", lines)
			}
			return nil
		}})
	}
	return rows
}

// wireRows are let in as P, and then do what no client would. Nothing may be
// delivered to them.
func wireRows() (rows []row) {
	const refused, quiet = true, false // whether the server must say something of it
	add := func(name string, must bool, text func(a *arena) string) {
		rows = append(rows, row{name: "wire/" + name, do: func(t *testing.T, a *arena) func() {
			token, user := secrets(t, a.p.Creds)
			w := a.wire(t)
			if lines, open := w.connect(map[string]any{"jwt": token, "sig": w.sign(user), "headers": true, "no_responders": true}); !open {
				t.Fatalf("P itself is not let in: %q", lines)
			}
			lines, open := w.say("SUB _INBOX.buit.> 9\r\n" + text(a))
			if must && len(lines) == 0 && open {
				t.Error("not refused")
			}
			return func() {
				if open {
					more, _ := w.say("")
					lines = append(lines, more...)
				}
				for _, line := range lines {
					if strings.HasPrefix(line, "MSG ") || strings.HasPrefix(line, "HMSG ") {
						t.Errorf("it was given %s", line)
					}
				}
				w.c.Close()
			}
		}})
	}
	words := func(text string) func(*arena) string {
		return func(a *arena) string {
			return strings.NewReplacer("$P", a.keyP, "$Q", a.keyQ).Replace(text)
		}
	}
	for name, text := range map[string]string{
		"PUB for another":              "PUB in.$Q.melden _INBOX.buit.x 2\r\nhi\r\n",
		"HPUB for another":             "HPUB in.$Q.melden 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
		"SUB of everything":            "SUB > 1\r\n",
		"SUB with a queue of the door": "SUB in.$Q.melden deur 1\r\n",
		"SUB with a wildcard queue":    "SUB in.> > 1\r\n",
		"RMSG of a route":              "RMSG $Q in.$Q.melden 2\r\nhi\r\n",
		"LMSG of a leafnode":           "LMSG in.$Q.melden 2\r\nhi\r\n",
		"RS+ of a route":               "RS+ $Q in.>\r\n",
		"LS+ of a leafnode":            "LS+ in.>\r\n",
		"A+ of a gateway":              "A+ $Q\r\n",
		"A- of a gateway":              "A- $Q\r\n",
		"MSG of a server":              "MSG in.$Q.melden 1 2\r\nhi\r\n",
		"HMSG of a server":             "HMSG in.$Q.melden 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
		"a payload beyond the limit":   "PUB melden 99999999\r\n",
		"a payload beyond all numbers": "PUB melden 99999999999999999999999999\r\n",
		"a payload below zero":         "PUB melden -1\r\n",
		"headers beyond the payload":   "HPUB melden 99 10\r\nNATS/1.0\r\n\r\n",
		"headers below zero":           "HPUB melden -1 10\r\n",
		"a word that does not exist":   "GRANT ALL\r\n",
		"a line without end":           "SUB " + strings.Repeat("a", 100_000) + " 1\r\n",
		"bytes of nothing":             "\x00\x00\x00\x00\r\n",
	} {
		add(name, refused, words(text))
	}
	for name, text := range map[string]string{
		"a payload that is shorter than it says": "PUB melden 5\r\nhi\r\n\r\n",
		"a status instead of headers":            "HPUB melden 16 18\r\nNATS/1.0 503\r\n\r\nhi\r\n",
		"INFO of a server":                       `INFO {"server_id":"x","connect_urls":["127.0.0.1:1"],"cluster":"x"}` + "\r\n",
		"+OK of a server":                        "+OK\r\n",
		"-ERR of a server":                       "-ERR 'Authorization Violation'\r\n",
		"UNSUB of what is not its own":           "UNSUB 1\r\nUNSUB 2 1\r\n",
		"SUB of another's inbox":                 "SUB " + honestInbox + ".> 1\r\n",
		"an account in a second CONNECT":         `CONNECT {"account":"$Q","name":"Q","new_account":true}` + "\r\n",
		"a route in a second CONNECT":            `CONNECT {"cluster":"huisboek","import":{"sub":">"},"export":{"pub":">"}}` + "\r\nSUB in.$Q.> 1\r\n",
	} {
		add(name, quiet, words(text))
	}
	add("another's JWT in a second CONNECT", quiet, func(a *arena) string {
		token, _ := nkeys.ParseDecoratedJWT([]byte(a.q.Creds))
		return fmt.Sprintf("CONNECT {\"jwt\":%q}\r\nSUB in.%s.> 1\r\nPUB in.%s.melden 2\r\nhi\r\n", token, a.keyQ, a.keyQ)
	})
	add("a reply beside the door", quiet, func(a *arena) string {
		return fmt.Sprintf("PUB melden in.%s.melden %d\r\n%s\r\n", a.keyQ, len(a.known), a.known)
	})
	add("a thousand PONGs at once", quiet, func(*arena) string { return strings.Repeat("PONG\r\n", 1_000) })
	return rows
}
