package targets

import (
	"fmt"

	"huisboek/events"
)

// month is a month as a number; 0 is none.
type month int16

func monthOf(d events.Date) month {
	if len(d) != len("2026-11-22") {
		return 0
	}
	digit := func(i int) month { return month(d[i] - '0') }
	return 12*(1000*digit(0)+100*digit(1)+10*digit(2)+digit(3)) + 10*digit(5) + digit(6)
}

// String is "2026-11".
func (m month) String() string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", (m-1)/12, (m-1)%12+1)
}
