//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// benchPostgres is a PostgreSQL 15 of its own: in the run's folder, on a Unix socket,
// under another user when the run's is root. What is durable there is what is durable
// here: fsync and synchronous_commit are on.
type benchPostgres struct {
	events *benchEvents
	server *exec.Cmd
	socket string
	conns  []*pgx.Conn
}

// benchConns is how many connections write and ask at most.
const benchConns = 8

// What a programmer would make of it: the event as it came, unique by source and id, found
// by employer and day, and the totals that are asked for kept by a trigger for each
// statement.
const benchSchema = `
create table events (
	seq bigint generated always as identity primary key,
	partner smallint not null, source text not null, id uuid not null, type text not null,
	employer text, day date, recorded timestamptz not null default clock_timestamp(), data jsonb not null,
	unique (source, id)
);
create index on events (employer, day desc);
create table employers (employer text primary key, contacts bigint not null, last date);
create table months (partner smallint, month date, type text, n bigint not null, primary key (partner, month, type));
create function summarise() returns trigger language plpgsql as $$
begin
	insert into employers as e select employer, count(*), max(day) from fresh where employer is not null group by employer order by employer
		on conflict (employer) do update set contacts = e.contacts + excluded.contacts, last = greatest(e.last, excluded.last);
	insert into months as m select partner, date_trunc('month', day), type, count(*) from fresh where day is not null group by 1, 2, 3 order by 1, 2, 3
		on conflict (partner, month, type) do update set n = m.n + excluded.n;
	return null;
end $$;
create trigger summary after insert on events referencing new table as fresh for each statement execute function summarise();`

const (
	benchInsert = `insert into events (partner, source, id, type, employer, day, data) values ($1, $2, $3, $4, $5, $6, $7) on conflict (source, id) do nothing`
	benchBulk   = `insert into events (partner, source, id, type, employer, day, data)
		select p, s, i::uuid, t, nullif(e, ''), nullif(d, '')::date, j::jsonb
		from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as x(p, s, i, t, e, d, j)
		on conflict (source, id) do nothing`
	benchLast50 = `select seq, data from events where employer = $1 order by day desc limit 50`
	benchTotal  = `select month, partner, sum(n) from months where type = $1 group by 1, 2`
)

// pg is the peer, filled. Where it is not installed what is measured of it is left out.
func (s *benchSet) pg(b *testing.B) *benchPostgres {
	b.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.postgres == nil {
		p := new(benchPostgres)
		err := p.open(s)
		if errors.Is(err, exec.ErrNotFound) {
			b.Skip("PostgreSQL 15 is not here; make bench installs it")
		}
		if err != nil {
			b.Fatal(errors.Join(err, p.close()))
		}
		s.postgres = p
	}
	return s.postgres
}

// benchProgram is a program of PostgreSQL 15, where Debian puts it.
func benchProgram(name string) (string, error) {
	if path := filepath.Join("/usr/lib/postgresql/15/bin", name); exec.Command(path, "--version").Run() == nil {
		return path, nil
	}
	return "", exec.ErrNotFound
}

func (p *benchPostgres) open(s *benchSet) error {
	postgres, err := benchProgram("postgres")
	if err != nil {
		return err
	}
	as, err := benchUser()
	if err != nil {
		return err
	}
	data := filepath.Join(s.dir, "postgres")
	if p.events, err = newBenchEvents(s.region, data); err != nil {
		return err
	}
	fresh := p.events.told == 0
	if fresh {
		if err := benchCluster(data, as); err != nil {
			return err
		}
	}
	if p.socket, err = os.MkdirTemp("", "pg"); err != nil { // its path must be short
		return err
	}
	if as != nil {
		if err := os.Chown(p.socket, int(as.Uid), int(as.Gid)); err != nil {
			return err
		}
	}
	p.server = exec.Command(postgres, "-D", data, "-k", p.socket, "-c", "listen_addresses=",
		"-c", "shared_buffers=2GB", "-c", "max_wal_size=4GB",
		"-c", "random_page_cost=1.1") // or the last fifty of whom it meets often would be sorted from all
	said, err := os.Create(data + ".log")
	if err != nil {
		return err
	}
	defer said.Close()
	p.server.Stderr, p.server.SysProcAttr = said, &syscall.SysProcAttr{Credential: as, Pdeathsig: syscall.SIGINT}
	if err := p.server.Start(); err != nil {
		return err
	}
	if err := p.connect(); err != nil {
		return err
	}
	if fresh {
		if _, err := p.conns[0].Exec(context.Background(), benchSchema); err != nil {
			return err
		}
	}
	if err := s.fill("postgres", p.events, 1_000, func(list []benchTold) error { return p.insertAll(p.conns[0], list) }); err != nil {
		return err
	}
	_, err = p.conns[0].Exec(context.Background(), "vacuum analyze")
	return err
}

// benchUser is who PostgreSQL runs as, which refuses to run as root; nil is whoever runs
// this.
func benchUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(who.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(who.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}

func benchCluster(data string, as *syscall.Credential) error {
	initdb, err := benchProgram("initdb")
	if err != nil {
		return err
	}
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	if as != nil {
		if err := os.Chown(data, int(as.Uid), int(as.Gid)); err != nil {
			return err
		}
	}
	c := exec.Command(initdb, "-D", data, "-U", "bench", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
	c.SysProcAttr, c.Dir = &syscall.SysProcAttr{Credential: as}, "/"
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// connect opens the connections, as soon as the server takes them.
func (p *benchPostgres) connect() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for len(p.conns) < benchConns {
		c, err := pgx.Connect(ctx, "host="+p.socket+" user=bench dbname=postgres")
		switch {
		case err == nil:
			p.conns = append(p.conns, c)
		case ctx.Err() != nil:
			return err
		default:
			time.Sleep(50 * time.Millisecond) // it says nowhere else when it is ready
		}
	}
	return nil
}

func (p *benchPostgres) insert(c *pgx.Conn, e *benchTold) error {
	var employer, day any
	if e.Employer != "" {
		employer = e.Employer
	}
	if e.Date != "" {
		day = string(e.Date)
	}
	_, err := c.Exec(context.Background(), benchInsert, int16(e.Partner), e.Source, e.ID, string(e.Data.Type()), employer, day, e.raw)
	return err
}

// insertAll is one statement.
func (p *benchPostgres) insertAll(c *pgx.Conn, list []benchTold) error {
	n := len(list)
	partners, sources, ids, types := make([]int16, n), make([]string, n), make([]string, n), make([]string, n)
	employers, days, data := make([]string, n), make([]string, n), make([]string, n)
	for i := range list {
		e := &list[i]
		partners[i], sources[i], ids[i], types[i] = int16(e.Partner), e.Source, e.ID, string(e.Data.Type())
		employers[i], days[i], data[i] = e.Employer, string(e.Date), string(e.raw)
	}
	_, err := c.Exec(context.Background(), benchBulk, partners, sources, ids, types, employers, days, data)
	return err
}

// rows reads all that a query answers.
func (p *benchPostgres) rows(c *pgx.Conn, query, about string) (n int, err error) {
	rows, err := c.Query(context.Background(), query, about)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		for _, v := range rows.RawValues() {
			if v == nil {
				return n, errors.New("a row without a value")
			}
		}
		n++
	}
	return n, rows.Err()
}

func (p *benchPostgres) close() error {
	if p == nil || p.server == nil {
		return nil
	}
	for _, c := range p.conns {
		c.Close(context.Background())
	}
	var errs []error
	if p.server.Process != nil {
		errs = append(errs, p.server.Process.Signal(os.Interrupt), p.server.Wait()) // the quick way to stop it cleanly
	}
	if p.events != nil {
		errs = append(errs, p.events.close())
	}
	return errors.Join(append(errs, os.RemoveAll(p.socket))...)
}
