package traffic

import "testing"

// TestMongoOverTLS: a URL of MongoDB may ask for TLS, which begins with the connection there.
func TestMongoOverTLS(t *testing.T) {
	for text, want := range map[string]string{
		"mongodb://u:p@db.example/shop":                                        "mongodb://u:p@db.example/shop",
		"mongodb://u:p@db.example/shop?replicaSet=s&ssl=true":                  "tls://db.example:27017",
		"mongodb://a.example:27018,b.example:27018/shop?tls=true&replicaSet=s": "tls://a.example:27018",
		"mongodb://db.example:27017/shop?tls=false":                            "mongodb://db.example:27017/shop",
		"postgres://db.example:5432/shop?ssl=true":                             "postgres://db.example:5432/shop",
		"mongodb://db.example:27017/shop https://api.example/?ssl=true":        "mongodb://db.example:27017/shop",
	} {
		w := &workload{}
		w.addURLs(text)
		if len(w.urls) == 0 || w.urls[0] != want {
			t.Errorf("%s: %q, want %q first", text, w.urls, want)
		}
	}
}
