package events

import "github.com/summit-timeline/summit/events/message"

// The types of facts about documents.
const (
	TypeDocumentAnnounced = "document.announced"
	TypeDocumentSigned    = "document.signed"
	TypeDocumentPublished = "document.published"
	TypeDocumentRejected  = "document.rejected"
)

var (
	_ = register[DocumentAnnounced](TypeDocumentAnnounced, KindDocument, "A document is announced.", added("lang"), added("sealed", "unseal_at"))
	_ = register[DocumentSigned](TypeDocumentSigned, KindDocument, "A document is signed.", added("lang"), added("sealed", "unseal_at"))
	_ = register[DocumentPublished](TypeDocumentPublished, KindDocument, "The text of a document is published.", added("lang"), added("sealed", "unseal_at"))
	_ = register[DocumentRejected](TypeDocumentRejected, KindDocument, "A document is rejected, or given up.", added("lang"), added("sealed", "unseal_at"))
)

// Document is what a fact says of a document. Title and Kind may be left out where
// an earlier fact of the document gave them.
type Document struct {
	Common
	Title   string   `json:"title,omitzero" rule:"owed;max=200" doc:"What the document is called."`
	Kind    string   `json:"kind,omitzero" rule:"owed;enum=joint-statement|agreement|treaty|communique|letter|order|other" doc:"What sort of document."`
	Parties []string `json:"parties,omitzero" rule:"items=100;max=200" doc:"Whose document it is, by name."`
	URL     string   `json:"url,omitzero" rule:"url;max=2000" doc:"Where its text is."`
	Detail  string   `json:"detail,omitzero" rule:"max=2000" doc:"What is said of it."`
}

// Paper returns what a fact says of its document.
func (d *Document) Paper() *Document { return d }

func (d *Document) names() []Name { return given(Name{"title", d.Title}) }

var (
	saysDocumentAnnounced   = message.Define("document.announced", "{who} announced")
	saysDocumentToAnnounced = message.Define("document.announced.planned", "{who} to be announced")
	saysDocumentSigned      = message.Define("document.signed", "{who} signed")
	saysDocumentToSigned    = message.Define("document.signed.planned", "{who} to be signed")
	saysDocumentPublished   = message.Define("document.published", "{who} published")
	saysDocumentToPublished = message.Define("document.published.planned", "{who} to be published")
	saysDocumentRejected    = message.Define("document.rejected", "{who} rejected")
)

// DocumentAnnounced is the fact that a document is to come.
type DocumentAnnounced struct{ Document }

func (p *DocumentAnnounced) headline(e Entity) message.Message {
	return phased(p, saysDocumentAnnounced, saysDocumentToAnnounced).With(who(p, e))
}

// DocumentSigned is the fact that a document was signed.
type DocumentSigned struct{ Document }

func (p *DocumentSigned) headline(e Entity) message.Message {
	return phased(p, saysDocumentSigned, saysDocumentToSigned).With(who(p, e))
}

// DocumentPublished is the fact that the text of a document was published.
type DocumentPublished struct{ Document }

func (p *DocumentPublished) headline(e Entity) message.Message {
	return phased(p, saysDocumentPublished, saysDocumentToPublished).With(who(p, e))
}

// DocumentRejected is the fact that a document was rejected or given up.
type DocumentRejected struct{ Document }

func (p *DocumentRejected) headline(e Entity) message.Message {
	return saysDocumentRejected.With(who(p, e))
}
