// Runs one of the Go clients of the matrix: clients NAME.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
)

type key struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	SessionToken    string `json:"sessionToken"`
}

type app struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	Scope        string `json:"scope"`
	SecretName   string `json:"secretName"`
}

type user struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Email    string `json:"email"`
}

type request struct {
	ID     string  `json:"id"`
	Method string  `json:"method"`
	URL    string  `json:"url"`
	Body   *string `json:"body"`
	Key    string  `json:"key"`
}

type setup struct {
	Region           string          `json:"region"`
	Endpoint         string          `json:"endpoint"`
	UserPoolID       string          `json:"userPoolId"`
	UserPoolClientID string          `json:"userPoolClientId"`
	IdentityPoolID   string          `json:"identityPoolId"`
	Issuer           string          `json:"issuer"`
	Provider         string          `json:"provider"`
	Users            map[string]user `json:"users"`
	Requests         []request       `json:"requests"`
	Keys             map[string]key  `json:"keys"`
	Admin            key             `json:"admin"`
	Service          key             `json:"service"`
	Web              app             `json:"web"`
	Machine          app             `json:"machine"`
	Callback         string          `json:"callback"`
	Browser          string          `json:"browser"`
}

// given is what the program learns about the stack.
var given setup

func report(what map[string]any) {
	line, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	fmt.Printf("@%s\n", line)
}

// use reports the version of the client under test, by its module.
func use(module string) {
	info, _ := debug.ReadBuildInfo()
	for _, one := range info.Deps {
		if one.Path == module {
			report(map[string]any{"version": one.Version})
		}
	}
}

// check runs one check and reports how it ended.
func check(name string, run func() error) {
	if err := run(); err != nil {
		report(map[string]any{"check": name, "error": err.Error()})
		return
	}
	report(map[string]any{"check": name})
}

func expect(actual, expected any) error {
	if actual != expected {
		return fmt.Errorf("expected %v, got %v", expected, actual)
	}
	return nil
}

// signInAt signs alice in on the pages of the user pool, as a browser, and returns the query of the callback.
func signInAt(authorizationURL string) (url.Values, error) {
	query := url.Values{"url": {authorizationURL}, "user": {"alice"}}
	response, err := http.Get(given.Browser + "?" + query.Encode())
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	callback, err := url.Parse(string(text))
	if err != nil {
		return nil, err
	}
	return callback.Query(), nil
}

func main() {
	text, err := os.ReadFile(os.Getenv("CLIENTS_SETUP"))
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(text, &given); err != nil {
		panic(err)
	}
	programs := map[string]func(){
		"signer":   runSigner,
		"services": runServices,
		"oauth2":   runOAuth2,
		"oidc":     runOIDC,
	}
	programs[os.Args[1]]()
}
