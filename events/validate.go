package events

import "reflect"

// validated is a value with a rule that the shape of its fields cannot state.
type validated interface {
	validate(at string, f *Faults)
}

// checked is a payload with a rule of its own, beside those of its values.
type checked interface {
	check(at string, f *Faults)
}

// unsourced is a payload that its desk may vouch for alone. All others need a source.
type unsourced interface{ unsourced() }

// value is a member of a payload that is validated.
type value struct {
	name  string
	index []int
}

// validate finds what the shape of the fields alone cannot tell: about the common
// members, about the values of the type, and about the payload as a whole.
func (e *entry) validate(p Payload, at string, f *Faults) {
	p.Base().validate(at, f)
	if _, free := p.(unsourced); !free && len(p.Base().Sources) == 0 {
		f.add(child(at, "sources"), "is missing: every fact needs at least one source")
	}
	data := reflect.ValueOf(p).Elem()
	for _, v := range e.values {
		validate(data.FieldByIndex(v.index), child(at, v.name), f)
	}
	if c, ruled := p.(checked); ruled {
		c.check(at, f)
	}
}

// validate validates a value, or each value of a list.
func validate(v reflect.Value, at string, f *Faults) {
	if v.Kind() != reflect.Slice {
		v.Interface().(validated).validate(at, f)
		return
	}
	for i := range v.Len() {
		validate(v.Index(i), child(at, itoa(i)), f)
	}
}

// valuesOf lists the members of a payload's struct that are validated, apart from the
// common ones, which [Common] validates itself.
func valuesOf(t reflect.Type, s *shape) []value {
	common := shapeOf(reflect.TypeFor[Common](), rule{})
	var list []value
	for _, f := range s.fields {
		of := t.FieldByIndex(f.index).Type
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if _, is := common.byName[f.name]; !is && of.Implements(reflect.TypeFor[validated]()) {
			list = append(list, value{f.name, f.index})
		}
	}
	return list
}
