package server

import (
	"fmt"

	"exfed/federation/broker"
)

// refusal is the broker saying no. The caller reads the fault's own text; the detail
// is for the log.
type refusal struct {
	fault  broker.FaultName
	detail string
}

func (r *refusal) Error() string { return string(r.fault) + ": " + r.detail }

func refuse(fault broker.FaultName, format string, args ...any) *refusal {
	return &refusal{fault: fault, detail: fmt.Sprintf(format, args...)}
}
