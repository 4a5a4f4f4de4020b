package embedded

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats-server/v2/server"
)

// admit puts into the options who may connect, and the accounts that they are in.
func (o Options) admit(opts *server.Options, readers, recorders *server.Account) {
	opts.Accounts = []*server.Account{readers, recorders}
	opts.Users = []*server.User{
		{Username: ownUser, Password: o.Secret},
		{Username: gateUser, Password: o.Secret, Account: readers},
	}
	if o.Anonymous { // a user of its own: it has no password that changes
		opts.NoAuthUser = anonymousUser
		opts.Users = append(opts.Users, &server.User{Username: anonymousUser, Password: o.Secret, Account: readers, Permissions: readerPermissions()})
	}
	if o.Users.Reader != "" {
		opts.Users = append(opts.Users, &server.User{Username: readerUser, Password: o.Users.Reader, Account: readers, Permissions: readerPermissions()})
	}
	if o.Users.Recorder != "" {
		opts.Users = append(opts.Users, &server.User{Username: recorderUser, Password: o.Users.Recorder, Account: recorders, Permissions: recorderPermissions()})
	}
}

// Reload has the network clients show other passwords from now on. Those whose
// password is no longer right are cut off; the others go on. The answer to a question
// that a reader asks at that moment may be lost.
func (s *Server) Reload(users Credentials) error {
	s.starting.Lock() // a server that is started anew begins with the users of before or these
	defer s.starting.Unlock()
	if users == s.o.Users {
		return nil
	}
	o := s.o
	o.Users = users
	if r, err := s.current(); err == nil {
		if err := r.reload(o); err != nil {
			return fmt.Errorf("reload the NATS users: %w", err)
		}
	}
	s.o.Users = users
	return nil
}

// reload changes the users of a server that runs. The accounts are described again
// with all that they import: what is not in them would be taken away.
func (r *running) reload(o Options) error {
	readers, recorders := server.NewAccount(readersAccount), server.NewAccount(recordersAccount)
	logs := r.ns.GlobalAccount()
	if err := errors.Join(importForReaders(readers, logs), importForRecorders(recorders, logs)); err != nil {
		return err
	}
	opts := r.opts.Clone()
	o.admit(opts, readers, recorders)
	if err := r.ns.ReloadOptions(opts); err != nil {
		return err
	}
	r.opts = opts
	return nil
}

// readerPermissions let a client follow facts and ask at the gate.
func readerPermissions() *server.Permissions {
	return &server.Permissions{
		Subscribe: &server.SubjectPermission{Allow: []string{facts, inbox + ">"}},
		Publish:   &server.SubjectPermission{Allow: questions},
	}
}

// recorderPermissions let a client hand events in, and hear what becomes of them.
// It writes into no log, and asks nothing of the logs.
func recorderPermissions() *server.Permissions {
	return &server.Permissions{
		Subscribe: &server.SubjectPermission{Allow: []string{inbox + ">"}},
		Publish:   &server.SubjectPermission{Allow: []string{record}},
	}
}
