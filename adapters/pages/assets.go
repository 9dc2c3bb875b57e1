package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// assetsPath is where the files of the pages are: /static/<hash>/app.css. The hash is
// of all of them, so a browser may keep one for ever.
const assetsPath = "/static/"

type assets struct {
	hash  string
	files map[string][]byte
}

var mediaTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// readAssets joins the styles, in the order of their names, into app.css.
func readAssets() (*assets, error) {
	a := &assets{files: map[string][]byte{}}
	sheets, err := fs.Glob(staticFiles, "static/css/*.css")
	if err != nil {
		return nil, err
	}
	plain, err := fs.Glob(staticFiles, "static/*.*")
	if err != nil {
		return nil, err
	}
	var css bytes.Buffer
	for _, file := range append(sheets, plain...) {
		b, err := staticFiles.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if slices.Contains(sheets, file) {
			css.Write(b)
			continue
		}
		a.files[path.Base(file)] = b
	}
	a.files["app.css"] = css.Bytes()
	hash := sha256.New()
	names := []string{}
	for name := range a.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(hash, "%s %d\n", name, len(a.files[name]))
		hash.Write(a.files[name])
	}
	a.hash = hex.EncodeToString(hash.Sum(nil)[:6])
	return a, nil
}

// path is the address of a file.
func (a *assets) path(name string) string { return assetsPath + a.hash + "/" + name }

// ServeHTTP implements http.Handler. A file under an older hash is the one of now:
// a page that was open during an upgrade goes on, and nobody keeps it.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, assetsPath), "/")
	b, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mediaTypes[path.Ext(name)])
	if hash == a.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Write(b)
}
