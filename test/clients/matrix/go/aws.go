package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrettypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

func credentialsOf(one key) aws.Credentials {
	return aws.Credentials{
		AccessKeyID:     one.AccessKeyID,
		SecretAccessKey: one.SecretAccessKey,
		SessionToken:    one.SessionToken,
	}
}

// runSigner signs the requests of the set-up with the signer of the SDK.
func runSigner() {
	use("github.com/aws/aws-sdk-go-v2")
	for _, one := range given.Requests {
		status, reason, err := sign(one)
		if err != nil {
			report(map[string]any{"request": one.ID, "error": err.Error()})
			continue
		}
		report(map[string]any{"request": one.ID, "status": status, "reason": reason})
	}
}

func sign(one request) (int, string, error) {
	body := ""
	if one.Body != nil {
		body = *one.Body
	}
	made, err := http.NewRequest(one.Method, one.URL, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if one.Body != nil {
		made.Header.Set("Content-Type", "application/json")
	}
	hash := sha256.Sum256([]byte(body))
	credentials := credentialsOf(given.Keys[one.Key])
	payload := hex.EncodeToString(hash[:])
	err = v4.NewSigner().SignHTTP(
		context.Background(), credentials, made, payload, "execute-api", given.Region, time.Now(),
	)
	if err != nil {
		return 0, "", err
	}
	response, err := http.DefaultClient.Do(made)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	return response.StatusCode, response.Header.Get("x-local-reason"), nil
}

func configFor(one *key) aws.Config {
	config := aws.Config{Region: given.Region, BaseEndpoint: aws.String(given.Endpoint)}
	config.Credentials = aws.AnonymousCredentials{}
	if one != nil {
		credentials := credentialsOf(*one)
		config.Credentials = aws.CredentialsProviderFunc(
			func(context.Context) (aws.Credentials, error) { return credentials, nil },
		)
	}
	return config
}

// runServices calls the user pool, the identity pool and Secrets Manager.
func runServices() {
	use("github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider")
	ctx := context.Background()
	pool := cognitoidentityprovider.NewFromConfig(configFor(nil))
	signIn := func(password string) (*cognitoidentityprovider.InitiateAuthOutput, error) {
		return pool.InitiateAuth(ctx, &cognitoidentityprovider.InitiateAuthInput{
			ClientId:       aws.String(given.UserPoolClientID),
			AuthFlow:       types.AuthFlowTypeUserPasswordAuth,
			AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password},
		})
	}
	check("sign-in with a password", func() error {
		signedIn, err := signIn(given.Users["alice"].Password)
		if err != nil {
			return err
		}
		found, err := pool.GetUser(ctx, &cognitoidentityprovider.GetUserInput{
			AccessToken: signedIn.AuthenticationResult.AccessToken,
		})
		if err != nil {
			return err
		}
		return expect(*found.Username, "alice")
	})
	check("a wrong password is a NotAuthorizedException", func() error {
		_, err := signIn("wrong")
		var refused *types.NotAuthorizedException
		return expect(errors.As(err, &refused), true)
	})
	check("administration of users", func() error {
		admin := cognitoidentityprovider.NewFromConfig(configFor(&given.Admin))
		found, err := admin.AdminGetUser(ctx, &cognitoidentityprovider.AdminGetUserInput{
			UserPoolId: aws.String(given.UserPoolID), Username: aws.String("alice"),
		})
		if err != nil {
			return err
		}
		return expect(found.UserStatus, types.UserStatusTypeConfirmed)
	})
	check("identity pool", func() error { return exchange(ctx, signIn) })
	check("Secrets Manager", func() error { return readSecret(ctx) })
}

func exchange(
	ctx context.Context,
	signIn func(string) (*cognitoidentityprovider.InitiateAuthOutput, error),
) error {
	signedIn, err := signIn(given.Users["alice"].Password)
	if err != nil {
		return err
	}
	identities := cognitoidentity.NewFromConfig(configFor(nil))
	logins := map[string]string{given.Provider: *signedIn.AuthenticationResult.IdToken}
	identity, err := identities.GetId(ctx, &cognitoidentity.GetIdInput{
		IdentityPoolId: aws.String(given.IdentityPoolID), Logins: logins,
	})
	if err != nil {
		return err
	}
	output, err := identities.GetCredentialsForIdentity(
		ctx,
		&cognitoidentity.GetCredentialsForIdentityInput{
			IdentityId: identity.IdentityId, Logins: logins,
		},
	)
	if err != nil {
		return err
	}
	return expect(output.Credentials.Expiration.After(time.Now()), true)
}

func readSecret(ctx context.Context) error {
	secrets := secretsmanager.NewFromConfig(configFor(&given.Service))
	get := func(name string) (*secretsmanager.GetSecretValueOutput, error) {
		return secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
			SecretId: aws.String(name),
		})
	}
	value, err := get(given.Machine.SecretName)
	if err != nil {
		return err
	}
	if err := expect(strings.Contains(*value.SecretString, given.Machine.ClientSecret), true); err != nil {
		return err
	}
	_, err = get("none")
	var missing *secrettypes.ResourceNotFoundException
	return expect(errors.As(err, &missing), true)
}
