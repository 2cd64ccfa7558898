package waive

import (
	"errors"
	"regexp"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// A glob matches the path of a file as .gitignore does: * and ? within a name, ** over folders. A pattern without a
// slash matches in any folder, one with a slash counts from the folder of its file. What matches a folder matches all
// that is in it.
type glob struct{ *regexp.Regexp }

func newGlob(pattern string) (glob, error) {
	rest, rooted := strings.CutPrefix(pattern, "/")
	rest = strings.TrimPrefix(rest, "./")
	switch {
	case strings.Trim(rest, "/") == "":
		return glob{}, errors.New("an empty path matches nothing: ** matches all files")
	case strings.HasPrefix(pattern, "!"):
		return glob{}, errors.New("a path cannot be excluded")
	case rest == ".." || strings.HasPrefix(rest, "../") || strings.Contains(rest, "/../"):
		return glob{}, errors.New("a path counts from the folder of this file and cannot leave it")
	}
	rest = strings.TrimSuffix(rest, "/")
	var out strings.Builder
	out.WriteString("^")
	if !rooted && !strings.Contains(rest, "/") {
		out.WriteString("(?:.*/)?")
	}
	for i := 0; i < len(rest); i++ {
		switch {
		case strings.HasPrefix(rest[i:], "**/"):
			out.WriteString("(?:.*/)?")
			i += 2
		case strings.HasPrefix(rest[i:], "**"):
			out.WriteString(".*")
			i++
		case rest[i] == '*':
			out.WriteString("[^/]*")
		case rest[i] == '?':
			out.WriteString("[^/]")
		default:
			end := i + 1
			for end < len(rest) && rest[end] != '*' && rest[end] != '?' {
				end++
			}
			out.WriteString(regexp.QuoteMeta(rest[i:end]))
			i = end - 1
		}
	}
	out.WriteString("(?:/.*)?$")
	r, err := regexp.Compile(out.String())
	return glob{r}, err
}

// A pattern matches objects: "Kind namespace/name" as findings write them, * and ? anywhere.
type pattern struct{ *regexp.Regexp }

func newPattern(text string) (pattern, error) {
	words := strings.Fields(text)
	if len(words) != 2 {
		return pattern{}, errors.New(`write an object as findings do: "ServiceEntry shop/ext", or "ServiceEntry shop/*"`)
	}
	quoted := regexp.QuoteMeta(words[0]) + " " + regexp.QuoteMeta(words[1])
	quoted = strings.ReplaceAll(strings.ReplaceAll(quoted, `\*`, "[^/ ]*"), `\?`, "[^/ ]")
	r, err := regexp.Compile("^" + quoted + "$")
	return pattern{r}, err
}

func (p pattern) matches(o validate.Object) bool { return p.Regexp == nil || p.MatchString(o.String()) }
