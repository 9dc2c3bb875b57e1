package pages

import "testing"

// What was recorded while a page was on its way is told when it begins to listen.
func TestBehind(t *testing.T) {
	marks := []string{"12", "=12open", "15"}
	for _, tt := range []struct {
		name  string
		shown string
		now   []string
		want  bool
	}{
		{"Same", shows(marks, 20), []string{"15", "12", "=12open"}, false},
		{"NewLine", shows(marks, 20), append([]string{"21"}, marks...), true},
		{"Changed", shows(marks, 20), []string{"12", "=12weg", "15"}, true},
		{"Gone", shows(marks, 20), marks[:2], true},
		{"OnlyPosition", shows(nil, 20), marks, false},
		{"OnlyPositionNew", shows(nil, 14), marks, true},
		{"SaysNothing", "", marks, false},
		{"Nonsense", "p-1x", marks, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := behind(tt.shown, tt.now); got != tt.want {
				t.Errorf("behind(%q, %q) = %t", tt.shown, tt.now, got)
			}
		})
	}
}
