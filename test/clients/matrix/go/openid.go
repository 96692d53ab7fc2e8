package main

import (
	"context"
	"errors"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// codeFlow signs alice in with a code and PKCE and returns the tokens of the code and of a refresh.
func codeFlow(config oauth2.Config, options ...oauth2.AuthCodeOption) (code, refreshed *oauth2.Token, err error) {
	ctx := context.Background()
	verifier := oauth2.GenerateVerifier()
	options = append(options, oauth2.S256ChallengeOption(verifier))
	query, err := signInAt(config.AuthCodeURL("state", options...))
	if err != nil {
		return nil, nil, err
	}
	if err := expect(query.Get("state"), "state"); err != nil {
		return nil, nil, err
	}
	code, err = config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return nil, nil, err
	}
	old := &oauth2.Token{RefreshToken: code.RefreshToken}
	refreshed, err = config.TokenSource(ctx, old).Token()
	return code, refreshed, err
}

// styles are the ways in which an app client with a secret authenticates.
var styles = []struct {
	name  string
	style oauth2.AuthStyle
}{
	{"Basic", oauth2.AuthStyleInHeader},
	{"the secret in the form", oauth2.AuthStyleInParams},
	{"a style it detects", oauth2.AuthStyleAutoDetect},
}

func endpointOf(style oauth2.AuthStyle) oauth2.Endpoint {
	return oauth2.Endpoint{
		AuthURL:   given.Endpoint + "/oauth2/authorize",
		TokenURL:  given.Endpoint + "/oauth2/token",
		AuthStyle: style,
	}
}

// runOAuth2 tries the code flow and client credentials of golang.org/x/oauth2.
func runOAuth2() {
	use("golang.org/x/oauth2")
	for _, one := range styles {
		name, style := one.name, one.style
		check("code flow and refresh with "+name, func() error {
			_, refreshed, err := codeFlow(oauth2.Config{
				ClientID:     given.Web.ClientID,
				ClientSecret: given.Web.ClientSecret,
				Endpoint:     endpointOf(style),
				RedirectURL:  given.Callback,
				Scopes:       []string{"openid", "email"},
			})
			if err != nil {
				return err
			}
			return expect(refreshed.Valid(), true)
		})
		check("client credentials with "+name, func() error {
			config := clientcredentials.Config{
				ClientID:     given.Machine.ClientID,
				ClientSecret: given.Machine.ClientSecret,
				TokenURL:     given.Endpoint + "/oauth2/token",
				Scopes:       []string{given.Machine.Scope},
				AuthStyle:    style,
			}
			token, err := config.Token(context.Background())
			if err != nil {
				return err
			}
			return expect(token.Valid(), true)
		})
	}
	check("a wrong secret is invalid_client", func() error {
		config := clientcredentials.Config{
			ClientID:     given.Machine.ClientID,
			ClientSecret: "wrong",
			TokenURL:     given.Endpoint + "/oauth2/token",
		}
		_, err := config.Token(context.Background())
		var refused *oauth2.RetrieveError
		if !errors.As(err, &refused) {
			return err
		}
		return expect(refused.ErrorCode, "invalid_client")
	})
}

// runOIDC discovers the user pool with coreos/go-oidc and verifies an ID token.
func runOIDC() {
	use("github.com/coreos/go-oidc/v3")
	check("discovery, code flow with PKCE, ID token, userInfo", func() error {
		ctx := context.Background()
		provider, err := oidc.NewProvider(ctx, given.Issuer)
		if err != nil {
			return err
		}
		code, _, err := codeFlow(oauth2.Config{
			ClientID:    given.UserPoolClientID,
			Endpoint:    provider.Endpoint(),
			RedirectURL: given.Callback,
			Scopes:      []string{oidc.ScopeOpenID, "email"},
		}, oidc.Nonce("nonce"))
		if err != nil {
			return err
		}
		raw, _ := code.Extra("id_token").(string)
		verifier := provider.Verifier(&oidc.Config{ClientID: given.UserPoolClientID})
		token, err := verifier.Verify(ctx, raw)
		if err != nil {
			return err
		}
		if err := token.VerifyAccessToken(code.AccessToken); err != nil {
			return err
		}
		if err := expect(token.Nonce, "nonce"); err != nil {
			return err
		}
		info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(code))
		if err != nil {
			return err
		}
		return expect(info.Email, given.Users["alice"].Email)
	})
}
