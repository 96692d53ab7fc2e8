// An HTTP server that trusts the header x-caller, which the gateway sets.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		numbers := make([]int, len(body))
		for i, one := range body {
			numbers[i] = int(one)
		}
		w.Header().Set("content-type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"language": "Go",
			"caller":   r.Header.Get("x-caller"),
			"path":     r.URL.RequestURI(),
			"bytes":    numbers,
		})
	})))
}
