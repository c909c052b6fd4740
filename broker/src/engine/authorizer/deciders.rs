//! Everybody who decides: policies about principals of IAM, and the authorizer about all others, as on Amazon MSK. Whom
//! `super.users` names may do everything, whoever it is.

use super::Authorizer;
use super::decision::{Decision, Question, Rule};
use super::policy::{Action, Policies};
use crate::engine::msk::Place;

/// Before the name of a principal of IAM, which is an ARN.
const OF_IAM: &str = "User:arn:";
const USER: &str = "User:";

/// Who decides in a cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deciders<'a> {
    pub(crate) authorizer: &'a Authorizer,
    pub(crate) policies: &'a Policies,
    /// The cluster that policies name.
    pub(crate) place: &'a Place,
}

impl Deciders<'_> {
    /// Whether anybody decides.
    pub(crate) fn is_some(self) -> bool {
        self.authorizer.is_some() || !self.policies.is_empty()
    }

    /// What is said to a question.
    pub(crate) fn decide(self, question: &Question<'_>) -> Decision {
        match self.of_iam(question) {
            Some(arn) => self.by_policy(question, |policies, action| {
                policies.decide(self.place, arn, action, question.resource)
            }),
            None => self.authorizer.decide(question),
        }
    }

    /// Whether there is any resource of the question's type that may be used so, whatever its name.
    pub(crate) fn decide_for_any(self, question: &Question<'_>) -> Decision {
        match self.of_iam(question) {
            Some(arn) => self.by_policy(question, |policies, action| {
                policies.decide_for_any(arn, action)
            }),
            None => self.authorizer.decide_for_any(question),
        }
    }

    /// The ARN of whoever asks, if policies decide about them.
    fn of_iam<'q>(self, question: &Question<'q>) -> Option<&'q str> {
        let principal = question.principal;
        let is_meant = !self.policies.is_empty()
            && principal.starts_with(OF_IAM)
            && !self.authorizer.is_super(principal);
        is_meant.then(|| principal.strip_prefix(USER)).flatten()
    }

    fn by_policy(
        self,
        question: &Question<'_>,
        decide: impl FnOnce(&Policies, Action) -> super::policy::Decision,
    ) -> Decision {
        let (operation, of) = (question.operation, question.resource_type);
        let Some(action) = Action::of(operation.number(), of.number()) else {
            let why = format!("IAM has no action for {operation} on {of}, so nobody may do it");
            return Decision::denied(Rule::Policy(why));
        };
        let decided = decide(self.policies, action);
        Decision {
            is_allowed: decided.is_allowed,
            rule: Rule::Policy(decided.why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::Policy;
    use super::super::words::{Operation, ResourceType};
    use super::*;

    #[test]
    fn policies_decide_about_principals_of_iam_alone() {
        let document = r#"{"Statement":[{"Effect":"Allow","Action":["kafka-cluster:Connect","kafka-cluster:DescribeTopic"],
            "Resource":"*"}]}"#;
        let mut policies = Policies::default();
        let (authorizer, place) = (Authorizer::None, Place::default());
        let alice = "arn:aws:iam::123456789012:user/alice";
        let ask = |policies: &Policies, principal: &str, operation| {
            let deciders = Deciders {
                authorizer: &authorizer,
                policies,
                place: &place,
            };
            let question = Question {
                principal,
                host: "127.0.0.1",
                operation,
                resource_type: ResourceType::Topic,
                resource: "orders",
            };
            assert_eq!(deciders.is_some(), !policies.is_empty());
            let any = deciders.decide_for_any(&question).is_allowed;
            (deciders.decide(&question).is_allowed, any)
        };
        let of_iam = format!("User:{alice}");
        assert_eq!(ask(&policies, &of_iam, Operation::Write), (true, true));
        policies.put("describe", Policy::parse(document).unwrap());
        policies.attach("describe", alice);
        assert_eq!(ask(&policies, &of_iam, Operation::Describe), (true, true));
        assert_eq!(ask(&policies, &of_iam, Operation::Write), (false, false));
        assert_eq!(
            ask(&policies, &of_iam, Operation::ClusterAction),
            (false, false)
        );
        assert_eq!(ask(&policies, "User:bob", Operation::Write), (true, true));
    }
}
