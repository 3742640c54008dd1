{{/* The chart's name in labels. */}}
{{- define "spegel.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of all objects: the release's, which need not say twice what it is. */}}
{{- define "spegel.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "spegel.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end -}}

{{- define "spegel.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "spegel.fullname" .) -}}
{{- end -}}

{{/* The labels by which Pods are found. */}}
{{- define "spegel.selectorLabels" -}}
app.kubernetes.io/name: {{ include "spegel.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The labels of every object. */}}
{{- define "spegel.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "spegel.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "spegel.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The name of a headless service in the cluster's DNS. */}}
{{- define "spegel.serviceDomain" -}}
{{ include "spegel.fullname" .root }}-{{ .service }}.{{ include "spegel.namespace" .root }}.svc.{{ .root.Values.clusterDomain }}
{{- end -}}

{{/*
Whether containerd is led to its own node by a host port: "true" or nothing. In values for charts after v0.7.4 of the Go
program, internalTrafficLocal is set, or else the node port is what the host port was, and there is none.
*/}}
{{- define "spegel.usesHostPort" -}}
{{- with .Values.service.registry -}}
{{- if not (or .usePreferSameNodeTrafficDistribution (kindIs "bool" .internalTrafficLocal) (eq (int .hostPort) (int .nodePort))) -}}
true
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Where the registry's password is, when it asks for one. */}}
{{- define "spegel.basicAuthMount" -}}
{{- if .Values.basicAuthSecretName -}}
- name: basic-auth
  mountPath: /etc/secrets/basic-auth
  readOnly: true
{{- end -}}
{{- end -}}

{{/* The address of the node, for mirror targets. */}}
{{- define "spegel.nodeIpEnv" -}}
- name: NODE_IP
{{- with .Values.service.registry.nodeIp }}
  value: {{ . | quote }}
{{- else }}
  valueFrom:
    fieldRef:
      fieldPath: status.hostIP
{{- end }}
{{- end -}}
