// SPDX-License-Identifier: MIT

// golang-jwt; the protocol is that of peer.c.
//
// usage: golang PRIVATE.pem PUBLIC.pem PRIVATE.jwk
package main

import (
	"bufio"
	"crypto/ecdsa"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/golang-jwt/jwt"
)

var (
	private *ecdsa.PrivateKey
	public  *ecdsa.PublicKey
	token   string
	parser  = jwt.NewParser(jwt.WithValidMethods([]string{"ES384"}))
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func mint() (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodES384, jwt.MapClaims{
		"aws:channel-arn":                 "arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGh1234",
		"aws:access-control-allow-origin": "https://www.example.com",
		"aws:viewer-id":                   "viewer-20394",
		"aws:viewer-session-version":      1700000000,
		"exp":                             time.Now().Unix() + 300,
	}).SignedString(private)
}

func verify(text string) error {
	_, err := parser.Parse(text, func(*jwt.Token) (interface{}, error) {
		return public, nil
	})
	return err
}

func processor() int64 {
	var u syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Nano() + u.Stime.Nano()
}

func measure(minting bool, milliseconds int64) string {
	start, n := processor(), 0
	for processor() < start+milliseconds*1000000 {
		for i := 0; i < 8; i++ {
			if minting {
				_, err := mint()
				must(err)
			} else {
				must(verify(token))
			}
		}
		n += 8
	}
	return fmt.Sprint(n, " ", processor()-start)
}

func answer(command, argument string) string {
	switch command {
	case "token":
		text, err := mint()
		must(err)
		return text
	case "check":
		if verify(argument) != nil {
			return "bad"
		}
		token = argument
		return "good"
	}
	ms, err := strconv.ParseInt(argument, 10, 64)
	must(err)
	return measure(command == "mint", ms)
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	private, err = jwt.ParseECPrivateKeyFromPEM(text)
	must(err)
	text, err = os.ReadFile(os.Args[2])
	must(err)
	public, err = jwt.ParseECPublicKeyFromPEM(text)
	must(err)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		command, argument, _ := strings.Cut(lines.Text(), " ")
		fmt.Println(answer(command, argument))
	}
}
