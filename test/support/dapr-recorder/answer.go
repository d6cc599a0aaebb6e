package acl

import (
	"github.com/dapr/dapr/pkg/config"
	commonv1pb "github.com/dapr/dapr/pkg/proto/common/v1"
	"github.com/dapr/dapr/pkg/security/spiffe"
)

// Answer exposes the decision, which Dapr keeps to itself.
func Answer(id *spiffe.Parsed, op string, verb commonv1pb.HTTPExtension_Verb, isHTTP bool, list *config.AccessControlList) (bool, string) {
	return isOperationAllowedByAccessControlPolicy(id, op, verb, isHTTP, list)
}
