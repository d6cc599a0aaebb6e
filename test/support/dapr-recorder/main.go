// Prints what Dapr's own injector makes of a pod, and what its own access control answers.
package main

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr/dapr/pkg/acl"
	"github.com/dapr/dapr/pkg/config"
	"github.com/dapr/dapr/pkg/injector/patcher"
	commonv1pb "github.com/dapr/dapr/pkg/proto/common/v1"
	"github.com/dapr/dapr/pkg/security/spiffe"
)

type question struct {
	AccessControl *config.AccessControlSpec `json:"accessControl"`
	Caller        string                    `json:"caller"`
	Operation     string                    `json:"operation"`
	Verb          string                    `json:"verb"`
}

func main() {
	switch os.Args[1] {
	case "inject":
		var pod corev1.Pod
		must(json.NewDecoder(os.Stdin).Decode(&pod))
		c := patcher.NewSidecarConfig(&pod)
		c.Mode = "kubernetes"
		c.Namespace = pod.Namespace
		c.MTLSEnabled = true
		c.RunAsNonRoot = true
		c.ReadOnlyRootFilesystem = true
		c.SidecarDropALLCapabilities = true
		c.EnableNativeSidecar = os.Args[2] == "native"
		c.SidecarImage = "ghcr.io/dapr/daprd:1.18.1"
		c.ControlPlaneNamespace = "dapr-system"
		c.ControlPlaneTrustDomain = "cluster.local"
		c.KubeClusterDomain = "cluster.local"
		c.SetFromPodAnnotations()
		patch, err := c.GetPatch()
		must(err)
		out, err := patcher.PatchPod(&pod, patch)
		must(err)
		must(json.NewEncoder(os.Stdout).Encode(out))
	case "acl":
		var qs []question
		must(json.NewDecoder(os.Stdin).Decode(&qs))
		answers := []bool{}
		for _, q := range qs {
			list, err := acl.ParseAccessControlSpec(q.AccessControl, true)
			must(err)
			id, err := spiffeOf(q.Caller)
			must(err)
			verb := commonv1pb.HTTPExtension_Verb(commonv1pb.HTTPExtension_Verb_value[q.Verb])
			ok, _ := acl.Answer(id, q.Operation, verb, true, list)
			answers = append(answers, ok)
		}
		must(json.NewEncoder(os.Stdout).Encode(answers))
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// "trust.domain/namespace/app", or "" for a caller without a certificate.
func spiffeOf(caller string) (*spiffe.Parsed, error) {
	if caller == "" {
		return nil, nil
	}
	parts := strings.Split(caller, "/")
	td, err := spiffeid.TrustDomainFromString(parts[0])
	if err != nil {
		return nil, err
	}
	return spiffe.FromStrings(td, parts[1], parts[2])
}
