package natsserver

// Connections is how many connections an account has open.
func (s *Server) Connections(public string) int {
	a, err := s.nats.LookupAccount(public)
	if err != nil {
		return 0
	}
	return a.NumLocalConnections()
}
