package sheets

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
)

// account is what we need to know of a service account's file. No error about it shows what stands in it.
type account struct {
	Type     string `json:"type"`
	Email    string `json:"client_email"`
	Key      string `json:"private_key"`
	TokenURI string `json:"token_uri"`
}

// readAccount checks the file here, as the client library takes files of any type and tells what is wrong with one only
// when it is used.
func readAccount(file []byte) (account, error) {
	var a account
	if err := json.Unmarshal(file, &a); err != nil {
		return account{}, errors.New("they are not JSON; what is needed is the key file of a service account")
	}
	switch {
	case a.Type != "service_account":
		return account{}, fmt.Errorf("their type is %.40q; what is needed is the key file of a service account", a.Type)
	case a.Email == "":
		return account{}, errors.New("client_email is missing in the key file of the service account")
	case a.TokenURI == "":
		return account{}, errors.New("token_uri is missing in the key file of the service account")
	case a.Key == "":
		return account{}, errors.New("private_key is missing in the key file of the service account")
	}
	block, _ := pem.Decode([]byte(a.Key))
	if block == nil {
		return account{}, errors.New("private_key in the key file of the service account is not PEM; it may be cut off")
	}
	_, pkcs8 := x509.ParsePKCS8PrivateKey(block.Bytes)
	_, pkcs1 := x509.ParsePKCS1PrivateKey(block.Bytes)
	if pkcs8 != nil && pkcs1 != nil {
		return account{}, errors.New("private_key in the key file of the service account is damaged")
	}
	a.Key = ""
	return a, nil
}
