// Command manifests reads Kubernetes objects from YAML documents on its input, strictly into the Go types of one minor
// version of Kubernetes, and of the operators whose types are in reach: an unknown or doubled field, or a value of
// another type, is an error. It prints `kind name` of each object; what it has no types for it prints with `unchecked`.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	prometheus "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	autoscaling "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "manifests:", err)
		os.Exit(1)
	}
}

func run(input io.Reader, output io.Writer) error {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		apps.AddToScheme, core.AddToScheme, networking.AddToScheme, prometheus.AddToScheme, autoscaling.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true, Strict: true})
	documents := yaml.NewYAMLReader(bufio.NewReader(input))
	var failures []error
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return errors.Join(failures...)
		}
		if err != nil {
			return err
		}
		if err := check(strict, document, output); err != nil {
			failures = append(failures, err)
		}
	}
}

func check(strict runtime.Decoder, document []byte, output io.Writer) error {
	if parsed, err := yaml.ToJSON(document); err == nil && string(parsed) == "null" {
		return nil // Nothing but comments.
	}
	object, kind, err := strict.Decode(document, nil, nil)
	switch {
	case runtime.IsNotRegisteredError(err):
		fmt.Fprintf(output, "unchecked %s\n", kind.Kind)
		return nil
	case err != nil:
		return fmt.Errorf("%w, in:\n%s", err, document)
	}
	named, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	fmt.Fprintf(output, "%s %s\n", kind.Kind, named.GetName())
	return nil
}
