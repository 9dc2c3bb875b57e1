package web

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// mediaJSON is what every answer is in, but for problems.
const mediaJSON = "application/json"

// acceptsJSON reports whether a caller takes JSON for an answer (RFC 9110, 12.5.1):
// of what it lists, what says it most precisely decides. What cannot be read
// counts as not listed, and no list at all takes anything.
func acceptsJSON(h http.Header) bool {
	accept := strings.Join(h.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return true
	}
	taken, precise := false, 0
	for _, item := range strings.Split(accept, ",") {
		media, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		how := map[string]int{"*/*": 1, "application/*": 2, mediaJSON: 3}[media]
		if how == 0 || how < precise {
			continue
		}
		weight := 1.0
		if q, ok := params["q"]; ok {
			if weight, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		taken, precise = weight > 0 || taken && how == precise, how
	}
	return taken
}
