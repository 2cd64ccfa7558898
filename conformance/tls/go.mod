module github.com/meshscenario/scenario/conformance/tls

go 1.26.0
