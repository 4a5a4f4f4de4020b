package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// cluster is what the manifests make.
type cluster struct {
	services map[string]*corev1.Service
	sets     []*appsv1.StatefulSet
	ingress  []*networkingv1.Ingress
}

// kubernetes decodes the manifests, refusing fields that the API does not have,
// and follows the names in them.
func kubernetes(paths []string) error {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, policyv1.AddToScheme, networkingv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true, Strict: true})
	c := &cluster{services: map[string]*corev1.Service{}}
	for _, path := range paths {
		if err := c.read(strict, path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return c.follow()
}

func (c *cluster) read(strict runtime.Decoder, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for documents := yaml.NewYAMLReader(bufio.NewReader(f)); ; {
		b, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		object, _, err := strict.Decode(b, nil, nil)
		if err != nil {
			return err
		}
		switch o := object.(type) {
		case *corev1.Service:
			c.services[o.Name] = o
		case *appsv1.StatefulSet:
			c.sets = append(c.sets, o)
		case *networkingv1.Ingress:
			c.ingress = append(c.ingress, o)
		}
	}
}

func (c *cluster) follow() error {
	var faults []error
	for _, s := range c.sets {
		faults = append(faults, c.followSet(s)...)
	}
	for name, s := range c.services {
		if !c.reached(s) {
			faults = append(faults, fmt.Errorf("service %s: no set has its labels and ports", name))
		}
	}
	for _, i := range c.ingress {
		for _, rule := range i.Spec.Rules {
			for _, p := range rule.HTTP.Paths {
				to := p.Backend.Service
				if s := c.services[to.Name]; s == nil || !offers(s, to.Port.Name) {
					faults = append(faults, fmt.Errorf("ingress %s: there is no service %s with the port %s", i.Name, to.Name, to.Port.Name))
				}
			}
		}
	}
	return errors.Join(faults...)
}

func offers(s *corev1.Service, port string) bool {
	for _, p := range s.Spec.Ports {
		if p.Name == port {
			return true
		}
	}
	return false
}

// reached reports whether a service leads to containers with its ports.
func (c *cluster) reached(s *corev1.Service) bool {
	for _, set := range c.sets {
		if !labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(set.Spec.Template.Labels)) {
			continue
		}
		for _, p := range s.Spec.Ports {
			to := p.TargetPort
			if to == (intstr.IntOrString{}) {
				to = intstr.FromInt32(p.Port)
			}
			if !listens(set, to) {
				return false
			}
		}
		return true
	}
	return false
}

func listens(set *appsv1.StatefulSet, port intstr.IntOrString) bool {
	for _, container := range set.Spec.Template.Spec.Containers {
		for _, p := range container.Ports {
			if port.StrVal == p.Name && port.Type == intstr.String || port.Type == intstr.Int && port.IntVal == p.ContainerPort {
				return true
			}
		}
	}
	return false
}

func (c *cluster) followSet(s *appsv1.StatefulSet) []error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("set %s: %s", s.Name, fmt.Sprintf(format, args...)))
	}
	if c.services[s.Spec.ServiceName] == nil {
		fault("there is no service %s", s.Spec.ServiceName)
	}
	if !labels.SelectorFromSet(s.Spec.Selector.MatchLabels).Matches(labels.Set(s.Spec.Template.Labels)) {
		fault("its pods do not have the labels it selects")
	}
	volumes := map[string]bool{}
	for _, v := range s.Spec.Template.Spec.Volumes {
		volumes[v.Name] = true
	}
	for _, v := range s.Spec.VolumeClaimTemplates {
		volumes[v.Name] = true
	}
	pod := s.Spec.Template.Spec.SecurityContext
	for _, container := range s.Spec.Template.Spec.Containers {
		for _, m := range container.VolumeMounts {
			if !volumes[m.Name] {
				fault("%s mounts a volume %s that is not there", container.Name, m.Name)
			}
		}
		own := container.SecurityContext
		if pod == nil || pod.RunAsNonRoot == nil || !*pod.RunAsNonRoot || own == nil || own.ReadOnlyRootFilesystem == nil || !*own.ReadOnlyRootFilesystem {
			fault("%s may be root or write to its root", container.Name)
		}
		for _, probe := range []*corev1.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe} {
			if probe == nil {
				continue
			}
			if probe.HTTPGet != nil && !listens(s, probe.HTTPGet.Port) || probe.TCPSocket != nil && !listens(s, probe.TCPSocket.Port) {
				fault("a probe of %s asks a port that is not there", container.Name)
			}
		}
	}
	return faults
}
