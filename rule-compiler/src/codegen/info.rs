//! Writes what rules say of themselves.

use proc_macro2::TokenStream;
use quote::quote;
use rule_runtime::info::{
    ExceptionRef, RelatedIntegration, RequiredField, RiskScoreMapping, RuleInfo, RuleType, Severity,
    SeverityMapping, Suppression, Technique, Threat, ThreatEntry,
};

use super::emit::{Emit, option, slice};

impl Emit for RuleInfo<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { rule_id, name, language, query, file, description, .. } = self;
        let Self { interval, from, to, max_signals, extra, metadata, .. } = self;
        let Self { risk_score, enabled, building_block, timestamp_override_fallback_disabled, .. } = self;
        let (rule_type, severity) = (self.rule_type.emit(rt), self.severity.emit(rt));
        let (version, revision) = (option(self.version.as_ref(), rt), option(self.revision.as_ref(), rt));
        let (license, note, setup) = (text(self.license, rt), text(self.note, rt), text(self.setup, rt));
        let data_view_id = text(self.data_view_id, rt);
        let timestamp_override = text(self.timestamp_override, rt);
        let event_category_override = text(self.event_category_override, rt);
        let timestamp_field = text(self.timestamp_field, rt);
        let tiebreaker_field = text(self.tiebreaker_field, rt);
        let rule_name_override = text(self.rule_name_override, rt);
        let timeline_id = text(self.timeline_id, rt);
        let timeline_title = text(self.timeline_title, rt);
        let suppression = option(self.suppression.as_ref(), rt);
        let (author, tags, references) =
            (slice(self.author, rt), slice(self.tags, rt), slice(self.references, rt));
        let (false_positives, index) = (slice(self.false_positives, rt), slice(self.index, rt));
        let (threat, exceptions) = (slice(self.threat, rt), slice(self.exceptions, rt));
        let severity_mapping = slice(self.severity_mapping, rt);
        let risk_score_mapping = slice(self.risk_score_mapping, rt);
        let related_integrations = slice(self.related_integrations, rt);
        let required_fields = slice(self.required_fields, rt);
        let investigation_fields = slice(self.investigation_fields, rt);
        quote! {
            #rt::info::RuleInfo {
                rule_id: #rule_id,
                name: #name,
                rule_type: #rule_type,
                language: #language,
                query: #query,
                file: #file,
                description: #description,
                author: #author,
                severity: #severity,
                risk_score: #risk_score,
                enabled: #enabled,
                version: #version,
                revision: #revision,
                license: #license,
                tags: #tags,
                references: #references,
                false_positives: #false_positives,
                threat: #threat,
                note: #note,
                setup: #setup,
                index: #index,
                data_view_id: #data_view_id,
                interval: #interval,
                from: #from,
                to: #to,
                max_signals: #max_signals,
                timestamp_override: #timestamp_override,
                timestamp_override_fallback_disabled: #timestamp_override_fallback_disabled,
                event_category_override: #event_category_override,
                timestamp_field: #timestamp_field,
                tiebreaker_field: #tiebreaker_field,
                building_block: #building_block,
                rule_name_override: #rule_name_override,
                severity_mapping: #severity_mapping,
                risk_score_mapping: #risk_score_mapping,
                suppression: #suppression,
                exceptions: #exceptions,
                related_integrations: #related_integrations,
                required_fields: #required_fields,
                investigation_fields: #investigation_fields,
                timeline_id: #timeline_id,
                timeline_title: #timeline_title,
                extra: #extra,
                metadata: #metadata,
            }
        }
    }
}

fn text(value: Option<&str>, rt: &TokenStream) -> TokenStream {
    option(value.as_ref(), rt)
}

impl Emit for RuleType {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        match self {
            Self::Eql => quote!(#rt::info::RuleType::Eql),
            Self::Query => quote!(#rt::info::RuleType::Query),
            Self::SavedQuery => quote!(#rt::info::RuleType::SavedQuery),
        }
    }
}

impl Emit for Severity {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let name = match self {
            Self::Low => quote!(Low),
            Self::Medium => quote!(Medium),
            Self::High => quote!(High),
            Self::Critical => quote!(Critical),
        };
        quote!(#rt::info::Severity::#name)
    }
}

impl Emit for Threat<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (framework, tactic) = (self.framework, self.tactic.emit(rt));
        let techniques = slice(self.techniques, rt);
        quote!(#rt::info::Threat { framework: #framework, tactic: #tactic, techniques: #techniques })
    }
}

impl Emit for Technique<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (entry, subtechniques) = (self.entry.emit(rt), slice(self.subtechniques, rt));
        quote!(#rt::info::Technique { entry: #entry, subtechniques: #subtechniques })
    }
}

impl Emit for ThreatEntry<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { id, name, reference } = self;
        quote!(#rt::info::ThreatEntry { id: #id, name: #name, reference: #reference })
    }
}

impl Emit for SeverityMapping<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { field, operator, value, severity } = self;
        let severity = severity.emit(rt);
        quote! {
            #rt::info::SeverityMapping { field: #field, operator: #operator, value: #value, severity: #severity }
        }
    }
}

impl Emit for RiskScoreMapping<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { field, operator, value } = self;
        quote!(#rt::info::RiskScoreMapping { field: #field, operator: #operator, value: #value })
    }
}

impl Emit for Suppression<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (group_by, duration) = (slice(self.group_by, rt), text(self.duration, rt));
        let missing = text(self.missing_fields_strategy, rt);
        quote! {
            #rt::info::Suppression {
                group_by: #group_by, duration: #duration, missing_fields_strategy: #missing,
            }
        }
    }
}

impl Emit for ExceptionRef<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { id, list_id, list_type, namespace_type } = self;
        quote! {
            #rt::info::ExceptionRef {
                id: #id, list_id: #list_id, list_type: #list_type, namespace_type: #namespace_type,
            }
        }
    }
}

impl Emit for RelatedIntegration<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { package, version, .. } = self;
        let integration = text(self.integration, rt);
        quote! {
            #rt::info::RelatedIntegration { package: #package, version: #version, integration: #integration }
        }
    }
}

impl Emit for RequiredField<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { name, field_type, ecs } = self;
        quote!(#rt::info::RequiredField { name: #name, field_type: #field_type, ecs: #ecs })
    }
}
